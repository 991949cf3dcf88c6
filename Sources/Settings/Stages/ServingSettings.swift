/// `http`: where health and metrics are served.
public struct HTTPSettings: Sendable, Equatable {
    /// `host`: the address to listen on. Default `0.0.0.0`.
    public var host = "0.0.0.0"
    /// `healthPort`, 1 to 65535: `/healthz` and `/readyz`. Default 8080.
    public var healthPort = 8080
    /// `metricsPort`, 1 to 65535: `/metrics`. Default 9090.
    public var metricsPort = 9090
    /// `tls`. Without it both ports speak plain HTTP.
    public var tls: ServerTLSSettings?

    public init() {}
}

/// `logging`: what is said on standard error.
public struct LoggingSettings: Sendable, Equatable {
    /// Raw values are swift-log's.
    public enum Level: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }

    public enum Format: String, CaseIterable, Sendable {
        /// Text on a terminal, JSON elsewhere.
        case auto
        case json
        case text
    }

    /// `level`: the least severe that is written. Default `info`.
    public var level = Level.info
    /// `format`. Default `auto`.
    public var format = Format.auto

    public init() {}
}
