import Decoding
import Foundation
import TelemetryModel

/// Reads the `spec` of a `Settings` document.
struct SettingsReader {
    /// Of the settings file: what relative paths in it begin at.
    let folder: String
    /// The kinds of sinks that there may be.
    let sinks: [any SinkDestination.Type]

    /// What a document says. `resources` are known also where the settings as a whole are not.
    struct Reading {
        /// `nil` when a required key is wrong; the caller looks at the log for all other problems.
        var settings: RunSettings?
        var resources: [String] = []
    }

    func read(_ document: ResourceDocument) -> Reading {
        guard let fields = document.specFields() else { return Reading() }
        let tls = fields.optional("tls")?.mapping().map { TLSSettings($0) } ?? TLSSettings()
        let kafka = fields.required("kafka", example: "{bootstrapServers: \"localhost:9092\"}")
            .flatMap { KafkaSettingsReader(files: secretFiles, tls: tls).read($0) }
        let outputs = fields.optional("outputs").flatMap { $0.mapping() }.map(readOutputs) ?? OutputSettings()
        let decoding = fields.optional("decoding")?.mapping().map(readDecoding)
        let aggregation = fields.optional("aggregation")?.mapping().map(readAggregation)
        let horizon = (aggregation ?? AggregationSettings()).lateHorizonNanoseconds
        let inputs = fields.required("inputs", example: "[{topic: cloudtrail}]")
            .flatMap { readInputs($0, outputs: outputs, lateHorizonNanoseconds: horizon) }
        let workers = fields.optional("workers")?.mapping().map(readWorkers)
        let flushInterval = fields.optional("flushInterval")?.duration(minimum: 100_000_000, example: "2s")
        let http = fields.optional("http")?.mapping().map(readHTTP)
        let sinks = SinkSettingsReader(files: secretFiles, kinds: sinks).read(fields)
        let alerts = fields.optional("alerts")?.mapping().map(readAlerts)
        let audit = fields.optional("audit")?.mapping().map(readAudit)
        let logging = fields.optional("logging")?.mapping().map(readLogging)
        let resources = fields.optional("resources").flatMap(readResources) ?? []
        fields.finish()
        guard let kafka, let inputs else { return Reading(resources: resources) }
        var settings = RunSettings(name: document.name, kafka: kafka, inputs: inputs)
        settings.tls = tls
        settings.outputs = outputs
        settings.decoding = decoding ?? settings.decoding
        settings.aggregation = aggregation ?? settings.aggregation
        settings.workers = workers ?? settings.workers
        settings.flushIntervalNanoseconds = flushInterval ?? settings.flushIntervalNanoseconds
        settings.http = http ?? settings.http
        settings.sinks = sinks
        settings.alerts = alerts ?? settings.alerts
        settings.audit = audit ?? settings.audit
        settings.logging = logging ?? settings.logging
        settings.resources = resources
        return Reading(settings: settings, resources: resources)
    }

    private var secretFiles: SecretFiles { SecretFiles(folder: folder) }

    private func readResources(_ reader: NodeReader) -> [String]? {
        reader.list()?.compactMap { element in
            guard let path = element.nonEmptyString().map(secretFiles.resolved) else { return nil }
            guard FileManager.default.fileExists(atPath: path) else {
                element.report(
                    "there is no file or folder \(element.shown(path))",
                    "check the path, which is relative to the settings file")
                return nil
            }
            return path
        }
    }

    private func readInputs(
        _ reader: NodeReader, outputs: OutputSettings, lateHorizonNanoseconds: Int64
    ) -> [InputSettings]? {
        guard let elements = reader.list() else { return nil }
        if elements.isEmpty {
            reader.report("there is no input", "write \"inputs: [{topic: cloudtrail}]\"")
            return nil
        }
        let outputTopics = OutputSettings.topicNames.map { outputs.prefix + $0 }
        var taken: Set<String> = []
        let inputs = elements.compactMap {
            InputSettingsReader.read(
                $0, outputTopics: outputTopics, lateHorizonNanoseconds: lateHorizonNanoseconds, taken: &taken)
        }
        return inputs.count == elements.count ? inputs : nil
    }

    private func readOutputs(_ fields: MappingReader) -> OutputSettings {
        var settings = OutputSettings()
        if let reader = fields.optional("prefix"), let prefix = reader.string() {
            if InputSettingsReader.isTopicName(prefix + "registers") {
                settings.prefix = prefix
            } else {
                reader.report(
                    "\(reader.quoted(prefix)) can't begin a topic's name",
                    "use letters, digits, \".\", \"_\" and \"-\"")
            }
        }
        settings.createsTopics = fields.optional("createTopics")?.bool() ?? settings.createsTopics
        settings.partitions = fields.optional("partitions")?.integer(in: 1...10_000) ?? settings.partitions
        settings.replicationFactor =
            fields.optional("replicationFactor")?.integer(in: 1...100) ?? settings.replicationFactor
        settings.recordForm =
            fields.optional("recordVersion")?.integer(in: 1...RecordVersion.newest).flatMap { RecordForm(rawValue: $0) }
        settings.mac = fields.optional("mac")?.mapping().flatMap { MACSettings($0, secretFiles) }
        fields.finish()
        return settings
    }

    private func readDecoding(_ fields: MappingReader) -> DecodingSettings {
        var settings = DecodingSettings()
        var limits = settings.limits
        limits.expandedBytesMax =
            fields.optional("expandedBytesMax")?.byteCount(in: 1 << 10...4 << 30) ?? limits.expandedBytesMax
        limits.recordBytesMax =
            fields.optional("recordBytesMax")?.byteCount(in: 1 << 10...1 << 30) ?? limits.recordBytesMax
        limits.nestingMax =
            fields.optional("nestingMax")?.integer(in: 8...DecodingLimits.nestingCeiling) ?? limits.nestingMax
        settings.limits = limits
        settings.futureToleranceNanoseconds =
            fields.optional("futureTolerance")?.duration(minimum: 0) ?? settings.futureToleranceNanoseconds
        fields.finish()
        return settings
    }

    private func readAggregation(_ fields: MappingReader) -> AggregationSettings {
        var settings = AggregationSettings()
        let latenessReader = fields.optional("allowedLateness")
        settings.allowedLatenessNanoseconds = latenessReader?.duration(minimum: 0)
        let horizonReader = fields.optional("lateHorizon")
        settings.lateHorizonNanoseconds =
            horizonReader?.duration(example: "3d") ?? settings.lateHorizonNanoseconds
        settings.isLateHorizonGiven = horizonReader != nil
        settings.idleTimeoutNanoseconds =
            fields.optional("idleTimeout")?.duration(minimum: 1_000_000_000, example: "2s")
            ?? settings.idleTimeoutNanoseconds
        settings.deduplicationRecords =
            fields.optional("deduplicationRecords")?.integer(in: 0...1_000_000).map(Int64.init)
            ?? settings.deduplicationRecords
        settings.deduplicationEvents =
            fields.optional("deduplicationEvents")?.integer(in: 1000...100_000_000) ?? settings.deduplicationEvents
        fields.finish()
        if let lateness = settings.allowedLatenessNanoseconds, settings.lateHorizonNanoseconds < lateness {
            (horizonReader ?? latenessReader ?? fields.node).report(
                "lateHorizon is shorter than allowedLateness", "make lateHorizon the longer one, such as 3d")
        }
        return settings
    }

    private func readWorkers(_ fields: MappingReader) -> WorkerSettings {
        var settings = WorkerSettings()
        settings.count = fields.optional("count")?.integer(in: 1...1024)
        fields.finish()
        return settings
    }

    private func readHTTP(_ fields: MappingReader) -> HTTPSettings {
        var settings = HTTPSettings()
        settings.host = fields.optional("host")?.nonEmptyString() ?? settings.host
        settings.healthPort = fields.optional("healthPort")?.integer(in: 1...65_535) ?? settings.healthPort
        let metricsReader = fields.optional("metricsPort")
        settings.metricsPort = metricsReader?.integer(in: 1...65_535) ?? settings.metricsPort
        settings.tls = fields.optional("tls")?.mapping().flatMap { ServerTLSSettings($0, secretFiles) }
        fields.finish()
        if settings.healthPort == settings.metricsPort {
            (metricsReader ?? fields.node).report(
                "healthPort and metricsPort are both \(settings.healthPort)", "give each a port of its own")
        }
        return settings
    }

    private func readAlerts(_ fields: MappingReader) -> AlertSettings {
        var settings = AlertSettings()
        settings.maxAgeNanoseconds =
            fields.optional("maxAge")?.duration(minimum: 60_000_000_000, example: "1h") ?? settings.maxAgeNanoseconds
        settings.removedAfterNanoseconds =
            fields.optional("removedAfter")?.duration(minimum: 1_000_000_000, example: "15m")
            ?? settings.removedAfterNanoseconds
        fields.finish()
        return settings
    }

    private func readAudit(_ fields: MappingReader) -> AuditSettings {
        let settings = AuditSettings(
            include: fields.optional("include").flatMap { ExpressionCheck.filter($0, over: .cloudTrail) })
        fields.finish()
        return settings
    }

    private func readLogging(_ fields: MappingReader) -> LoggingSettings {
        var settings = LoggingSettings()
        settings.level = fields.optional("level")?.choice(LoggingSettings.Level.self) ?? settings.level
        settings.format = fields.optional("format")?.choice(LoggingSettings.Format.self) ?? settings.format
        fields.finish()
        return settings
    }
}
