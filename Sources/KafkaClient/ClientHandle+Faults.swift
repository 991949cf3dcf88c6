import CRDKafka

extension ClientHandle {
    /// Returns once a broker answers, signed in and ready for requests.
    ///
    /// A cause that waiting cannot mend (user or password, a certificate, TLS on one side) ends the wait as soon as every
    /// bootstrap server has shown one.
    ///
    /// - Returns: what is left of `timeout`, a tenth of a second at least.
    func awaitBroker(timeout: Duration, _ operation: String) throws(KafkaError) -> Duration {
        let deadline = ContinuousClock.now + timeout
        var slice = Duration.milliseconds(200)
        while true {
            let left = deadline - .now
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = unsafe KafkaError.Code(
                rd_kafka_metadata(raw, 0, nil, &metadata, max(.milliseconds(1), min(slice, left)).milliseconds))
            if let metadata = unsafe metadata { unsafe rd_kafka_metadata_destroy(metadata) }
            if code == .none { return max(.milliseconds(100), deadline - .now) }
            // A broker is there and takes its time: it has all the time that there is.
            if code == .timedOut { slice = timeout }
            if isHopeless || deadline <= .now || ![.transport, .timedOut].contains(code) {
                throw explained(KafkaError(code: code, operation: operation))
            }
        }
    }

    /// Whether every bootstrap server has shown a definite fault.
    private var isHopeless: Bool {
        let definite = Set(connectionFaults.filter(\.isDefinite).map(\.broker))
        return !definite.isEmpty && definite.count >= max(1, bootstrapServers.count)
    }

    /// The error with the causes that librdkafka logged, where it says no more than that a broker did not answer.
    func explained(_ error: KafkaError) -> KafkaError {
        guard [.transport, .allBrokersDown, .timedOut].contains(error.code) else { return error }
        let faults = connectionFaults
        guard !faults.isEmpty else {
            if error.code == .timedOut { return error }
            let servers = bootstrapServers.isEmpty ? "" : " at \(bootstrapServers.joined(separator: ", "))"
            return error.restated(
                error.code, "no broker answers\(servers): connections are neither accepted nor refused")
        }
        let code: KafkaError.Code =
            switch (faults.first(where: \.isDefinite) ?? faults[0]).kind {
            case .authentication: .authentication
            case .certificate, .encryption: .tls
            case .resolution: .resolution
            case .refused, .closed, .other: error.code
            }
        return error.restated(code, "no broker answers; \(ConnectionFaults.text(of: faults))")
    }

    /// As ``KafkaError/check(_:_:)``, with the causes.
    func check(_ result: rd_kafka_resp_err_t, _ operation: String) throws(KafkaError) {
        if result != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw explained(KafkaError(code: KafkaError.Code(result), operation: operation))
        }
    }
}
