import CRDKafka

/// A `rd_kafka_t` with the context that its callbacks find through the opaque pointer.
///
/// `@unchecked Sendable`: the pointer is constant, librdkafka documents every call on a `rd_kafka_t` as thread-safe, and
/// it is destroyed in `deinit`, when reference counting proves that nobody can call any more. Everything that holds
/// memory of the client (queues, batches, workers) therefore holds this object.
@safe
final class ClientHandle: @unchecked Sendable {
    let raw: OpaquePointer
    /// `host:port`, as configured.
    let bootstrapServers: [String]
    // One reference for librdkafka's opaque pointer: taken before `rd_kafka_new`, given back after `rd_kafka_destroy`
    // has joined librdkafka's threads, so no callback can see a freed context.
    private let context: Unmanaged<ClientContext>
    private let state = Guarded(State())
    /// Kept, so that a change reaches this client.
    private let credentials: KafkaCredentials?

    private struct State {
        var isClosed = false
        var mayAbortOnDestroy = false
    }

    /// - Throws: `KafkaOptionError` when the options do not fit together.
    init(
        _ type: rd_kafka_type_t, _ configuration: RawConfiguration, context: ClientContext
    ) throws(KafkaOptionError) {
        let opaque = unsafe Unmanaged.passRetained(context)
        unsafe rd_kafka_conf_set_opaque(configuration.pointer, opaque.toOpaque())
        context.install(in: configuration)
        bootstrapServers = configuration.bootstrapServers
        credentials = configuration.credentials
        let pointer = unsafe configuration.release()
        var reason = [CChar](repeating: 0, count: 512)
        guard let raw = unsafe rd_kafka_new(type, pointer, &reason, reason.count) else {
            // On failure the configuration stays ours, and no thread of librdkafka is left.
            unsafe rd_kafka_conf_destroy(pointer)
            unsafe opaque.release()
            throw KafkaOptionError(option: KafkaOptionError.together, value: "", reason: RawConfiguration.text(reason))
        }
        unsafe self.raw = raw
        unsafe self.context = opaque
        credentials?.attach(self)
    }

    deinit {
        let state = self.state.withLock { $0 }
        // See `mayAbortOnDestroy`: a handle left to the end of the process is better than an abort. The context stays
        // alive with it.
        if state.mayAbortOnDestroy { return }
        let flags = state.isClosed ? 0 : Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        unsafe HandleDestruction(raw, flags: flags, context).run()
    }

    /// Set while destroying the handle could abort the process.
    ///
    /// librdkafka 2.0.2 asserts in `rd_kafka_destroy` that the sticky assignor has a state, which it only gets with the
    /// first assignment; between joining the group and that assignment there is an assignor without one. The first
    /// rebalance callback, which comes even for an empty assignment, proves that the state is there.
    var mayAbortOnDestroy: Bool {
        get { state.withLock { $0.mayAbortOnDestroy } }
        set { state.withLock { $0.mayAbortOnDestroy = newValue } }
    }

    /// True for the first caller only.
    func markClosed() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// What keeps the client from its brokers now.
    var connectionFaults: [ConnectionFault] {
        unsafe context.takeUnretainedValue().faults.withLock { $0.recent(at: .now) }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The error that made this client useless, if there was one.
    var fatalError: KafkaError? {
        var reason = [CChar](repeating: 0, count: 512)
        let code = unsafe rd_kafka_fatal_error(raw, &reason, reason.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(
            code: KafkaError.Code(code), message: RawConfiguration.text(reason), isFatal: true, operation: "client")
    }
}

extension Duration {
    /// Whole milliseconds for librdkafka, rounded up so that a short wait is not a busy loop, at most 2³¹ − 1.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        if overflow { return .max }
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: whole.addingReportingOverflow(part).overflow ? Int64.max : whole + part)
    }
}
