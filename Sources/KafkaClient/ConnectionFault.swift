/// Why a broker is not reached, in librdkafka's own words, which only its log has: the calls that wait for a broker end with
/// "transport failure" whatever the cause.
public struct ConnectionFault: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The broker refuses user or password.
        case authentication
        /// The broker's certificate is not signed by the authority, is out of date, or is another host's.
        case certificate
        /// One side speaks TLS and the other does not, as far as the bytes show it.
        case encryption
        /// The host's name is not known.
        case resolution
        /// Nothing listens at the address.
        case refused
        /// An established connection ended. Brokers close idle ones, so by itself it is no fault.
        case closed
        /// Anything else: no answer in time, a handshake that was cut off.
        case other
    }

    /// `host:port` as it is configured, or as the cluster names it.
    public let broker: String
    public let kind: Kind
    /// librdkafka's sentence, without its place and times.
    public let text: String

    /// Trying again cannot help before somebody changes settings, a certificate or a user.
    public var isDefinite: Bool { [.authentication, .certificate, .encryption].contains(kind) }

    /// Nil for a line that is about something else.
    public init?(_ line: KafkaLogLine) {
        guard line.facility == "FAIL" else { return nil }
        // `[thrd:NAME]: NAME: TEXT (after 3ms in state CONNECT, 2 identical error(s) suppressed)`, where a broker's NAME is
        // `sasl_ssl://host:port/id`, and that of a group's coordinator is followed by the address.
        var rest = line.message[...]
        if rest.hasPrefix("[thrd:"), let end = rest.firstRange(of: "]: ") { rest = rest[end.upperBound...] }
        var broker = ConnectionFault.takeName(&rest)
        if let name = broker, ConnectionFault.address(name) == nil {
            var beyond = rest
            if let next = ConnectionFault.takeName(&beyond), let address = ConnectionFault.address(next) {
                (broker, rest) = (address, beyond)
            }
        }
        guard let broker else { return nil }
        if let end = rest.ranges(of: " (after ").last { rest = rest[..<end.lowerBound] }
        self.broker = ConnectionFault.address(broker) ?? broker
        text = String(rest)
        kind = ConnectionFault.kind(of: text)
    }

    private static func takeName(_ rest: inout Substring) -> String? {
        guard let end = rest.firstRange(of: ": ") else { return nil }
        defer { rest = rest[end.upperBound...] }
        return String(rest[..<end.lowerBound])
    }

    /// `host:port` of a broker's name; nil where it has none.
    static func address(_ name: String) -> String? {
        var rest = name[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        if let id = rest.lastIndex(of: "/") { rest = rest[..<id] }
        guard let colon = rest.lastIndex(of: ":"), colon != rest.startIndex, !rest.contains(" "),
            UInt16(rest[rest.index(after: colon)...]) != nil
        else { return nil }
        return String(rest)
    }

    private static func kind(of text: String) -> Kind {
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if text.hasPrefix("SASL") || has("Failed to initialize SASL authentication") {
            return has("Disconnected", "timed out") ? .other : .authentication
        }
        if has("certificate verify failed", "certificate could not be verified", "certificate has expired") {
            return .certificate
        }
        if has("wrong version number") { return .encryption }
        if has("Failed to resolve") { return .resolution }
        if has("Connection refused") { return .refused }
        if text == "Disconnected" || text.hasPrefix("Receive failed") || text.hasPrefix("Send failed") {
            return .closed
        }
        return .other
    }
}
