import Foundation
import Synchronization
import TestSupport

/// A front before the embedded broker for each place of the fleet, through which its member speaks to Kafka.
///
/// When it is told to, it stops at the next request that brings a record of a topic, whoever sends it, and holds that and all
/// that the member sends from then on. For the group that is a member that is gone; and once the member is stopped, it is one
/// that has just written, and whose records arrive when it goes on. No signal alone brings that about: the time between a
/// judgement and its records is a matter of microseconds.
final class KafkaGates: Sendable {
    private struct State {
        /// Whose name stands in the request that is to be held.
        var topic: Data?
        var held: Int?
    }

    /// Requests that bring records; see "Protocol API keys" in Kafka's protocol guide.
    private static let produceKey: [UInt8] = [0, 0]
    private static let host = "127.0.0.1"
    /// An answer that names brokers is not longer; what is has records, which are not looked at.
    private static let namingBytesMax = 1 << 16
    /// Longer than anybody waits for a member that is stopped.
    private static let holdMax = Duration.seconds(600)

    private let brokerPort: Int
    /// Whether the broker says when it has appended what is written.
    private let hasAppendTimes: Bool
    private let ports: [Int]
    private let state = Mutex(State())

    init(_ cluster: Cluster, places: Int, hasAppendTimes: Bool = false) throws {
        self.hasAppendTimes = hasAppendTimes
        let parts = cluster.bootstrap.split(separator: ":")
        guard parts.count == 2, parts[0] == Self.host, let port = Int(parts[1]) else {
            throw ChaosOptions.Problem(description: "\(cluster.bootstrap) is no single broker on \(Self.host)")
        }
        brokerPort = port
        let listening = try (0..<places).map { _ in try LocalSocket.listening() }
        ports = listening.map(\.port)
        for (slot, listener) in listening.enumerated() {
            Thread.detachNewThread { [self] in
                while let member = listener.socket.accepted() {
                    Thread.detachNewThread { [self] in carry(member, slot: slot) }
                }
            }
        }
    }

    func address(slot: Int) -> String { "\(Self.host):\(ports[slot])" }

    /// Holds whoever sends a record of the topic next.
    func arm(_ topic: String) { state.withLock { $0.topic = Data(topic.utf8) } }

    /// Whose request is held.
    var held: Int? { state.withLock { $0.held } }

    /// Holds nobody any more.
    func release() { state.withLock { $0 = State() } }

    // MARK: One connection

    private final class Connection: Sendable {
        let member: LocalSocket
        let broker: LocalSocket

        init(member: LocalSocket, broker: LocalSocket) {
            self.member = member
            self.broker = broker
        }

        func end() {
            member.end()
            broker.end()
        }

        // When both threads have left it.
        deinit {
            member.close()
            broker.close()
        }
    }

    private func carry(_ member: LocalSocket, slot: Int) {
        guard let broker = LocalSocket.connected(to: brokerPort) else { return member.close() }
        let connection = Connection(member: member, broker: broker)
        let times = hasAppendTimes ? AppendTimes() : nil
        Thread.detachNewThread { [self, connection] in
            while let answer = Self.frame(of: connection.broker) {
                let readdressed = readdressed(answer, slot: slot)
                guard connection.member.send(times?.dated(readdressed) ?? readdressed) else { break }
            }
            connection.end()
        }
        while let request = Self.frame(of: connection.member) {
            if isHeld(request, slot) {
                _ = eventually(within: Self.holdMax, every: .milliseconds(5)) { held != slot }
            }
            times?.note(request)
            guard connection.broker.send(request) else { break }
        }
        connection.end()
    }

    private func isHeld(_ request: [UInt8], _ slot: Int) -> Bool {
        state.withLock { state in
            if let topic = state.topic, state.held == nil, request.dropFirst(4).starts(with: Self.produceKey),
                Data(request).range(of: topic) != nil
            {
                state.held = slot
            }
            return state.held == slot
        }
    }

    /// The answer with this front where it names the broker. Both names are of one length: a text of nine letters, and the port in
    /// four bytes.
    private func readdressed(_ answer: [UInt8], slot: Int) -> [UInt8] {
        if answer.count > Self.namingBytesMax { return answer }
        var bytes = Data(answer)
        let (present, former) = (Self.name(port: ports[slot]), Self.name(port: brokerPort))
        var place = bytes.startIndex
        while let found = bytes.range(of: former, in: place..<bytes.endIndex) {
            bytes.replaceSubrange(found, with: present)
            place = found.upperBound
        }
        return Array(bytes)
    }

    private static func name(port: Int) -> Data {
        Data(host.utf8) + withUnsafeBytes(of: UInt32(port).bigEndian) { Data($0) }
    }

    /// A request or an answer, with its length before it; nil when the connection has ended.
    private static func frame(of socket: LocalSocket) -> [UInt8]? {
        guard let length = socket.receive(4) else { return nil }
        let count = length.reduce(0) { $0 << 8 | Int($1) }
        return socket.receive(count).map { length + $0 }
    }
}
