import CRDKafka

/// A `rd_kafka_conf_t` until a client takes it over.
///
/// Owner: this object, until `release()` hands the pointer to `rd_kafka_new`, which owns it when it succeeds. Used by
/// one thread: it never leaves the function that makes it.
@safe
final class RawConfiguration {
    private var raw: OpaquePointer?
    private(set) var bootstrapServers: [String] = []
    private(set) var credentials: KafkaCredentials?

    init() { unsafe raw = rd_kafka_conf_new() }

    deinit { if let raw = unsafe raw { unsafe rd_kafka_conf_destroy(raw) } }

    var pointer: OpaquePointer {
        guard let raw = unsafe raw else { preconditionFailure("the configuration was handed over already") }
        return unsafe raw
    }

    /// The pointer, which the caller now owns.
    func release() -> OpaquePointer {
        let pointer = unsafe self.pointer
        unsafe raw = nil
        return unsafe pointer
    }

    func set(_ option: String, _ value: String) throws(KafkaOptionError) {
        // 512 bytes is the size that librdkafka's manual recommends; it truncates what is longer.
        var reason = [CChar](repeating: 0, count: 512)
        let result = unsafe rd_kafka_conf_set(pointer, option, value, &reason, reason.count)
        if result != RD_KAFKA_CONF_OK {
            throw KafkaOptionError(option: option, value: value, reason: Self.text(reason))
        }
    }

    /// As ``set(_:_:)``, for an option that comes from the user's settings.
    func setByUser(_ option: String, _ value: String) throws(KafkaOptionError) {
        if let reason = KafkaSettings.reservedOptions[option] {
            throw KafkaOptionError(option: option, value: value, reason: "this option is not yours to set: \(reason)")
        }
        try set(option, value)
    }

    /// Our defaults, then the user's options over them, then what must hold whatever the user says.
    func apply(
        _ settings: KafkaSettings, defaults: [String: String], fixed: [String: String]
    ) throws(KafkaOptionError) {
        for (option, value) in defaults.sorted(by: { $0.key < $1.key }) { try set(option, value) }
        for (option, value) in settings.options.sorted(by: { $0.key < $1.key }) { try setByUser(option, value) }
        credentials = settings.credentials
        try credentials?.apply(to: self)
        if !settings.bootstrapServers.isEmpty {
            bootstrapServers = settings.bootstrapServers
            try set("bootstrap.servers", settings.bootstrapServers.joined(separator: ","))
        }
        for (option, value) in fixed.sorted(by: { $0.key < $1.key }) { try set(option, value) }
    }

    static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
