import Foundation
import Text

/// Through which proxy an address is reached, by the usual variables.
///
/// `HTTPS_PROXY` for https, `HTTP_PROXY` for http, `ALL_PROXY` for both, and `NO_PROXY` for what is reached directly; each
/// also in small letters, which win. As curl reads them, but for a proxy that itself speaks TLS.
struct ProxyChoice: Equatable, CustomStringConvertible {
    enum Kind: Equatable { case http, socks5 }

    let kind: Kind
    let host: String
    let port: Int
    /// Nothing prints it.
    let credentials: Credentials?

    struct Credentials: Equatable, CustomStringConvertible {
        let user: String
        let password: String
        var description: String { "<redacted>" }
    }

    var description: String { "\(host):\(port)" }

    /// - Returns: nil for a direct connection.
    static func of(
        _ address: URL, environment: [String: String]
    ) throws(ProxyProblem) -> ProxyChoice? {
        func value(_ names: String...) -> (name: String, text: String)? {
            for name in names.flatMap({ [$0.lowercased(), $0] }) {
                if let text = environment[name], !text.isEmpty { return (name, text) }
            }
            return nil
        }
        let isTLS = address.scheme?.lowercased() == "https"
        guard let host = address.host, let proxy = value(isTLS ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY") else {
            return nil
        }
        let port = address.port ?? (isTLS ? 443 : 80)
        if let exceptions = value("NO_PROXY"), isExcepted(host, port, by: exceptions.text) { return nil }
        return try ProxyChoice(proxy.text, of: proxy.name)
    }

    private init(_ text: String, of variable: String) throws(ProxyProblem) {
        let whole = text.contains("://") ? text : "http://\(text)"
        guard let address = URLComponents(string: whole), let host = address.host, !host.isEmpty else {
            throw ProxyProblem(variable: variable, reason: "no address of a proxy, such as http://proxy.example:3128")
        }
        switch address.scheme?.lowercased() {
        case "http": kind = .http
        case "socks5", "socks5h", "socks": kind = .socks5
        default:
            throw ProxyProblem(
                variable: variable, reason: "a proxy of a kind that is not spoken; http:// and socks5:// are")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = address.port ?? (kind == .http ? 80 : 1080)
        guard (1...65_535).contains(port) else {
            throw ProxyProblem(variable: variable, reason: "a proxy whose port is none")
        }
        credentials = address.user.map { Credentials(user: $0, password: address.password ?? "") }
        if kind == .socks5, credentials != nil {
            throw ProxyProblem(variable: variable, reason: "a SOCKS proxy with a password, which is not spoken")
        }
    }

    /// Names with or without a dot in front stand for themselves and what is below them; addresses and ranges, of either
    /// family, for what they hold; `*` for all. A port limits an entry to it.
    static func isExcepted(_ host: String, _ port: Int, by text: String) -> Bool {
        let host = bare(host.lowercased())
        let address = IPAddress(Array(host.utf8).span.bytes)
        return text.lowercased().split { $0 == "," || $0 == " " }.contains { entry in
            if entry == "*" { return true }
            var name = String(entry)
            if name.contains("/") {
                guard let address, let range = IPNetwork(Array(name.utf8).span.bytes) else { return false }
                return range.contains(address)
            }
            // `[::1]:8443`, `example.org:8443`, `::1`.
            if let colon = name.lastIndex(of: ":"), name.hasPrefix("[") || name.firstIndex(of: ":") == colon,
                let limit = Int(name[name.index(after: colon)...])
            {
                if limit != port { return false }
                name = String(name[..<colon])
            }
            name = bare(name)
            if let address, let excepted = IPAddress(Array(name.utf8).span.bytes) { return address == excepted }
            if name.hasPrefix("*.") { name = String(name.dropFirst(2)) }
            return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
        }
    }

    private static func bare(_ host: String) -> String {
        host.trimmingCharacters(in: CharacterSet(charactersIn: "[]."))
    }
}

/// A variable that names no proxy; its value, which may hold a password, is not shown.
struct ProxyProblem: Error, CustomStringConvertible {
    let variable: String
    let reason: String

    var description: String { "the environment's \(variable) is \(reason)" }
}
