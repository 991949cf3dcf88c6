import Logging
import NIOCore
import Observability
import Synchronization

/// The connections of one port: at most so many, and none for longer than it may wait.
///
/// Where all are taken, one that waits for its client makes room for the newest: a flood of connections that say nothing
/// closes its own, and who comes and asks is answered.
final class ConnectionBound: Sendable {
    /// Why a connection was closed by this side.
    enum Cause: String, CaseIterable {
        /// It made room for another.
        case bound
        /// It made no request, or did not take its answer, in time.
        case timeout
        /// All others were being answered.
        case refused
    }

    private struct Connection {
        let channel: any Channel
        var since: NIODeadline
        var isAnswered = false
    }

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var journal = FaultJournal()
    }

    /// Who is being answered for so long gives way to another.
    private static let answerGrace = TimeAmount.seconds(1)

    let limits: ConnectionLimits
    let server: String
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let state = Mutex(State())

    init(_ server: String, limits: ConnectionLimits, metrics: MetricsRegistry, logger: Logger) {
        self.server = server
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        for cause in Cause.allCases {
            metrics.begin(.httpConnectionsClosed, [("server", server), ("reason", cause.rawValue)])
        }
    }

    /// A connection began.
    ///
    /// - Returns: false when there is no room for it.
    func open(_ channel: any Channel, at now: NIODeadline) -> Bool {
        let (isTaken, evicted) = state.withLock { state -> (Bool, (any Channel)?) in
            var evicted: (any Channel)?
            if state.connections.count >= limits.connectionsMax {
                guard let key = ConnectionBound.dispensable(state.connections, now) else { return (false, nil) }
                evicted = state.connections.removeValue(forKey: key)?.channel
            }
            state.connections[ObjectIdentifier(channel)] = Connection(channel: channel, since: now)
            return (true, evicted)
        }
        if let evicted { cut(evicted, .bound) }
        if !isTaken { count(.refused) }
        show()
        return isTaken
    }

    func close(_ channel: any Channel) {
        _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
        show()
    }

    /// A request of it is answered from now on, or it is waited for the next one.
    func set(_ channel: any Channel, isAnswered: Bool, at now: NIODeadline) {
        state.withLock { state in
            guard var connection = state.connections[ObjectIdentifier(channel)] else { return }
            (connection.since, connection.isAnswered) = (now, isAnswered)
            state.connections[ObjectIdentifier(channel)] = connection
        }
    }

    /// Ends a connection without a word.
    func cut(_ channel: any Channel, _ cause: Cause) {
        count(cause)
        channel.triggerUserOutboundEvent(ConnectionGate.Cut(), promise: nil)
    }

    /// Who has waited longest for its client; else who has been taking its answer longest.
    private static func dispensable(
        _ connections: [ObjectIdentifier: Connection], _ now: NIODeadline
    ) -> ObjectIdentifier? {
        let waiting = connections.filter { !$0.value.isAnswered }
        if let longest = waiting.min(by: { $0.value.since < $1.value.since }) { return longest.key }
        let longest = connections.min { $0.value.since < $1.value.since }
        return longest.flatMap { now - $0.value.since >= answerGrace ? $0.key : nil }
    }

    private func show() {
        metrics.set(
            .httpConnections, [("server", server)], to: Double(state.withLock { $0.connections.count }))
    }

    private func count(_ cause: Cause) {
        metrics.add(.httpConnectionsClosed, [("server", server), ("reason", cause.rawValue)])
        // That a client says nothing for a while is its affair; that others can't come in is somebody's here.
        guard cause != .timeout, let line = state.withLock({ $0.journal.failed(server, at: .now) }) else { return }
        var metadata: Logger.Metadata = ["server": "\(server)", "connections_max": "\(limits.connectionsMax)"]
        if case .goesOn(_, let times) = line { metadata["times"] = "\(times)" }
        logger.warning("more connections than the port takes: those that wait longest are closed", metadata: metadata)
    }
}

/// How many connections a port has, and for how long they may wait.
public struct ConnectionLimits: Sendable, Equatable {
    /// 64, and fewer where the process may have few files open.
    public var connectionsMax: Int
    /// From its beginning, or the end of an answer, to the end of the next request's head.
    public var headTimeout = Duration.seconds(10)
    /// For an answer to be taken.
    public var answerTimeout = Duration.seconds(10)

    /// - Parameter filesMax: how many open files the process may have. Most are left to Kafka's connections.
    public init(filesMax: Int) { connectionsMax = min(64, max(4, (filesMax - 64) / 4)) }
}
