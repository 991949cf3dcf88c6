/// The name under which an alert is opened, seen again, and resolved: the same condition always makes the same key.
///
/// It reads `kind/name/values/hash`: the start tells people what it is, the hash tells machines which. The hash covers
/// every part with its length, so that no two conditions share a key by how their texts join; the readable part keeps
/// what fits, with anything but plain ASCII replaced.
public struct DedupKey: Sendable, Hashable, CustomStringConvertible {
    /// What every sink takes.
    public static let charactersMax = 255

    public let text: String
    public var description: String { text }

    /// A key as it stands in a record of the feed; `nil` when it is empty or too long to have been one.
    public init?(text: String) {
        guard !text.isEmpty, text.unicodeScalars.count <= DedupKey.charactersMax else { return nil }
        self.text = text
    }

    /// - Parameters:
    ///   - kind: what raised the alert, such as `slo` or `anomaly`.
    ///   - name: the resource's name, and what is needed to tell its alerts apart.
    ///   - labels: the group that the alert is about; their order does not matter.
    public init(kind: String, name: String, labels: [String: String] = [:]) {
        let sorted = labels.sorted { $0.key < $1.key }
        var hash = FowlerNollVo128()
        for part in [kind, name] + sorted.flatMap({ [$0.key, $0.value] }) { hash.add(part) }
        var readable = ([kind, name] + (sorted.isEmpty ? [] : [sorted.map(\.value).joined(separator: ",")]))
            .joined(separator: "/").utf8.map(DedupKey.plain)
        let digest = hash.hexadecimal
        readable = Array(readable.prefix(DedupKey.charactersMax - digest.utf8.count - 1))
        text = String(decoding: readable, as: UTF8.self) + "/" + digest
    }

    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"),
            UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "@"):
            byte
        default: UInt8(ascii: "_")
        }
    }
}

/// FNV-1a in 128 bits (Fowler, Noll, Vo): stable on every machine and long enough that chance never makes two keys
/// alike. Somebody who prepares values can, but only within one kind, name and first 222 readable bytes.
private struct FowlerNollVo128 {
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B
    private var state: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D

    mutating func add(_ text: String) {
        for byte in String(text.utf8.count).utf8 { add(byte) }
        add(UInt8(ascii: ":"))
        for byte in text.utf8 { add(byte) }
    }

    var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    private mutating func add(_ byte: UInt8) {
        state = (state ^ UInt128(byte)) &* FowlerNollVo128.prime
    }
}
