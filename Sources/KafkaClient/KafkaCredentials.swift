import CRDKafka

/// User and password of SASL, which may change while clients run: each client that was made with them takes the new
/// password for its next connection. Connections that are there stay.
public final class KafkaCredentials: Sendable, Equatable {
    public let user: String
    private let state: Guarded<State>

    private struct State {
        var password: String
        var clients: [Client] = []
    }

    private struct Client {
        weak var handle: ClientHandle?
    }

    public init(user: String, password: String) {
        self.user = user
        state = Guarded(State(password: password))
    }

    /// Who has one has its changes, so no two are the same.
    public static func == (one: KafkaCredentials, other: KafkaCredentials) -> Bool { one === other }

    /// Gives the password to all clients, and to those that are made later.
    public func replace(password: String) {
        let handles = state.withLock { state -> [ClientHandle] in
            state.password = password
            state.clients.removeAll { $0.handle == nil }
            return state.clients.compactMap(\.handle)
        }
        for handle in handles { handle.setCredentials(user: user, password: password) }
    }

    /// What a client begins with, and what it is told of later.
    func apply(to configuration: RawConfiguration) throws(KafkaOptionError) {
        try configuration.set("sasl.username", user)
        try configuration.set("sasl.password", password)
    }

    var password: String { state.withLock { $0.password } }

    func attach(_ handle: ClientHandle) {
        let password = state.withLock { state in
            state.clients.removeAll { $0.handle == nil }
            state.clients.append(Client(handle: handle))
            return state.password
        }
        // It may have been replaced since the client was configured.
        handle.setCredentials(user: user, password: password)
    }
}

extension ClientHandle {
    /// For PLAIN and SCRAM; with another mechanism there is no password, and librdkafka says so.
    fileprivate func setCredentials(user: String, password: String) {
        if let error = unsafe rd_kafka_sasl_set_credentials(raw, user, password) {
            unsafe rd_kafka_error_destroy(error)
        }
    }
}
