/// A server that could not begin to listen, mostly because another process has its port.
public struct ListenFailure: Error, CustomStringConvertible {
    /// `health` or `metrics`.
    public let server: String
    /// `host:port`, as configured.
    public let address: String
    /// The system's words.
    public let reason: String

    public var description: String {
        "the \(server) server can't listen on \(address): \(reason); set http.\(server)Port to a port that is free, or "
            + "http.host to an address of this machine"
    }
}
