import CRDKafka

/// A line that librdkafka logs: it never contains payloads, and librdkafka leaves secrets out of its own messages.
public struct KafkaLogLine: Sendable {
    /// syslog's levels: 0 emergency … 3 error, 4 warning, 5 notice, 6 info, 7 debug.
    public let level: Int
    /// librdkafka's short name for the place, such as `FAIL` or `REBALANCE`.
    public let facility: String
    public let message: String

    public init(level: Int, facility: String, message: String) {
        self.level = level
        self.facility = facility
        self.message = message
    }
}

/// Where a client reports to, besides its return values.
///
/// `log` and `fault` are called on librdkafka's own threads and must not block; `statistics` on a thread that polls the
/// client, every `statistics.interval.ms` (0, the default of librdkafka, is never).
public struct KafkaObserver: Sendable {
    /// Lines that are about no broker's connection.
    public var log: @Sendable (KafkaLogLine) -> Void
    /// A broker is not reached: at once, and every 30 s at most while it goes on.
    public var fault: @Sendable (ConnectionFault) -> Void
    public var statistics: @Sendable (KafkaStatistics) -> Void

    public init(
        log: @escaping @Sendable (KafkaLogLine) -> Void = { _ in },
        fault: @escaping @Sendable (ConnectionFault) -> Void = { _ in },
        statistics: @escaping @Sendable (KafkaStatistics) -> Void = { _ in }
    ) {
        self.log = log
        self.fault = fault
        self.statistics = statistics
    }
}

/// What the C callbacks find through librdkafka's opaque pointer. Immutable, so it may be used on any thread.
/// The pointers that its closures are given are librdkafka's and end with the call.
@safe
final class ClientContext: Sendable {
    typealias List = UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    let observer: KafkaObserver
    let faults = Guarded(ConnectionFaults())
    let failed: @Sendable (KafkaError) -> Void
    let delivered: (@Sendable (UnsafePointer<rd_kafka_message_t>, KafkaError?) -> Void)?
    let rebalanced: (@Sendable (OpaquePointer, rd_kafka_resp_err_t, List?) -> Void)?

    init(
        observer: KafkaObserver, failed: @escaping @Sendable (KafkaError) -> Void,
        delivered: (@Sendable (UnsafePointer<rd_kafka_message_t>, KafkaError?) -> Void)? = nil,
        rebalanced: (@Sendable (OpaquePointer, rd_kafka_resp_err_t, List?) -> Void)? = nil
    ) {
        self.observer = observer
        self.failed = failed
        unsafe self.delivered = delivered
        unsafe self.rebalanced = rebalanced
    }

    /// The context behind an opaque pointer. `ClientHandle` keeps it alive until librdkafka's threads are gone.
    static func at(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
        guard let opaque = unsafe opaque else { return nil }
        return unsafe Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue()
    }

    /// C function pointers cannot capture, so each finds its context through the opaque pointer.
    func install(in configuration: RawConfiguration) {
        let raw = unsafe configuration.pointer
        unsafe rd_kafka_conf_set_log_cb(raw) { client, level, facility, text in
            guard let client = unsafe client, let context = unsafe ClientContext.at(rd_kafka_opaque(client)) else {
                return
            }
            let line = unsafe KafkaLogLine(
                level: Int(level), facility: facility.map { unsafe String(cString: $0) } ?? "",
                message: text.map { unsafe String(cString: $0) } ?? "")
            if let fault = ConnectionFault(line) {
                context.faults.withLock { $0.note(fault, at: .now) }
                context.observer.fault(fault)
            } else {
                context.observer.log(line)
            }
        }
        unsafe rd_kafka_conf_set_stats_cb(raw) { _, json, length, opaque in
            guard let json = unsafe json, let context = unsafe ClientContext.at(opaque) else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: json, count: length)
            if let statistics = unsafe KafkaStatistics(json: Array(bytes)) { context.observer.statistics(statistics) }
            return 0  // librdkafka frees the text.
        }
        unsafe rd_kafka_conf_set_error_cb(raw) { client, code, reason, opaque in
            guard let context = unsafe ClientContext.at(opaque) else { return }
            var code = KafkaError.Code(rawValue: code)
            var message = unsafe reason.map { unsafe String(cString: $0) }
            let isFatal = code == .fatal
            if isFatal, let client = unsafe client {
                var text = [CChar](repeating: 0, count: 512)
                unsafe code = KafkaError.Code(rd_kafka_fatal_error(client, &text, text.count))
                message = RawConfiguration.text(text)
            }
            context.failed(KafkaError(code: code, message: message, isFatal: isFatal, operation: "client"))
        }
        if unsafe delivered != nil {
            unsafe rd_kafka_conf_set_dr_msg_cb(raw) { _, message, opaque in
                guard let message = unsafe message, let context = unsafe ClientContext.at(opaque) else { return }
                unsafe context.delivered?(message, KafkaError(report: message))
            }
        }
        if unsafe rebalanced != nil {
            unsafe rd_kafka_conf_set_rebalance_cb(raw) { client, code, list, opaque in
                guard let client = unsafe client, let context = unsafe ClientContext.at(opaque) else { return }
                unsafe context.rebalanced?(client, code, list)
            }
        }
    }
}

extension KafkaError {
    /// The failure in a delivery report, or nil when the message was acknowledged.
    fileprivate init?(report message: UnsafePointer<rd_kafka_message_t>) {
        guard unsafe message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let topic = unsafe message.pointee.rkt.flatMap { unsafe rd_kafka_topic_name($0) }
        let partition = unsafe message.pointee.partition
        unsafe self.init(
            code: Code(message.pointee.err), operation: "produce",
            partition: topic.map { unsafe TopicPartition(topic: String(cString: $0), partition: partition) })
    }
}
