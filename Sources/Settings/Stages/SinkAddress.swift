import Foundation

/// The address of a sink: https, because what is sent holds secrets and names of what is watched. Plain http is for this
/// machine, or where `allowInsecure` says so.
package enum SinkAddress {
    package static func read(
        _ reader: NodeReader?, of fields: MappingReader, isNone: String, example: String
    ) -> String? {
        let allowsInsecure = fields.optional("allowInsecure")?.bool() ?? false
        guard let reader, let text = reader.nonEmptyString() else { return nil }
        guard let address = URLComponents(string: text), let host = address.host, !host.isEmpty,
            let scheme = address.scheme?.lowercased(), scheme == "https" || scheme == "http",
            (1...65_535).contains(address.port ?? 443)
        else {
            reader.report(isNone, "write one such as \(example)")
            return nil
        }
        if address.user != nil || address.password != nil {
            reader.report("the address holds a user or a password", "leave them out: they would stand in messages")
            return nil
        }
        if scheme == "http", !allowsInsecure, !isLoopback(host) {
            reader.report(
                "the address is not https: whoever is in between could read and forge what is sent",
                "write https, or allowInsecure: true")
            return nil
        }
        return text
    }

    /// Whether `HOST:PORT` is of this machine.
    static func isLoopback(server: String) -> Bool {
        server.lastIndex(of: ":").map { isLoopback(String(server[..<$0])) } ?? false
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && !parts.contains(nil) && parts[0] == 127
    }
}
