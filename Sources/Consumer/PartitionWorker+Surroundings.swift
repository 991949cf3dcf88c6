import Counting
import KafkaClient
import Planning
import Settings

extension WorkerTerms {
    init(_ context: PartitionWorker.Context) {
        let aggregation = context.settings.aggregation
        let bounds = HeldBounds(engines: context.plan.rollups.count + context.plan.indicatorParts.count)
        self.init(
            partition: PartitionState.Terms(
                plan: context.plan, shards: context.shards,
                lateHorizonNanoseconds: aggregation.lateHorizonNanoseconds,
                idleTimeoutNanoseconds: aggregation.idleTimeoutNanoseconds,
                futureToleranceNanoseconds: context.settings.decoding.futureToleranceNanoseconds),
            flushInterval: .nanoseconds(context.settings.flushIntervalNanoseconds),
            heldBytesMax: bounds.bytesMax, onTheirWayBytesMax: bounds.onTheirWayBytesMax,
            promptAgeNanoseconds: context.settings.alerts.maxAgeNanoseconds)
    }
}

extension WorkerSurroundings {
    init(_ context: PartitionWorker.Context, _ sink: KafkaSink, _ watch: MessageWatch) {
        let (inputs, plan) = (context.settings.inputs, context.plan)
        let (aggregation, limits) = (context.settings.aggregation, context.settings.decoding.limits)
        let producer = context.producer
        // One for each topic of a worker.
        var decoders: [String: DecoderBox] = [:]
        self.init(
            now: context.now, clock: context.clock, sentThrough: { producer.lastSequence }, sink: sink,
            watch: watch,
            identities: { topic in
                let format = inputs.first { $0.topic == topic }?.format
                return format == .auto || format == .cloudTrail ? aggregation.makeDeliveredEvents() : nil
            },
            decoder: { topic in
                if let known = decoders[topic] { return known }
                guard let input = inputs.first(where: { $0.topic == topic }) else { return nil }
                let decoder = DecoderBox(
                    plan.makeMessageDecoder(format: input.format, flowFields: input.flowFields, limits: limits))
                decoders[topic] = decoder
                return decoder
            })
    }
}
