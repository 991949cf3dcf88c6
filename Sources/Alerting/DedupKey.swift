import Crypto
import Text

/// The name under which an alert is opened, seen again, and resolved: the same condition always makes the same key.
///
/// It reads `kind/name/values/hash`: the start tells people what it is, the hash tells machines which. The hash is the SHA-256 of
/// every part with its length, so that no two conditions share a key by how their texts join, and nobody who chooses a group's values can
/// prepare two that do; the readable part keeps what fits, with anything but plain ASCII replaced.
public struct DedupKey: Sendable, Hashable, CustomStringConvertible {
    /// How the hash is made.
    public enum Form: Sendable {
        case sha256
        /// 0.1.0's: see `FowlerNollVo128`. It stays the key of alerts that are open under it.
        case fowlerNollVo
    }

    /// What every sink takes.
    public static let charactersMax = 255

    public let text: String
    public var description: String { text }

    /// A key as it is in a record of the feed; `nil` when it is empty or too long to have been one.
    public init?(text: String) {
        guard !text.isEmpty, text.unicodeScalars.count <= DedupKey.charactersMax else { return nil }
        self.text = text
    }

    /// - Parameters:
    ///   - kind: what raised the alert, such as `slo` or `anomaly`.
    ///   - name: the resource's name, and what is needed to tell its alerts apart.
    ///   - labels: the group that the alert is about; their order does not matter.
    public init(kind: String, name: String, labels: [String: String] = [:], form: Form = .sha256) {
        let sorted = labels.sorted { $0.key < $1.key }
        let digest = DedupKey.digest([kind, name] + sorted.flatMap { [$0.key, $0.value] }, form)
        var readable = ([kind, name] + (sorted.isEmpty ? [] : [sorted.map(\.value).joined(separator: ",")]))
            .joined(separator: "/").utf8.map(DedupKey.plain)
        readable = Array(readable.prefix(DedupKey.charactersMax - digest.utf8.count - 1))
        text = String(decoding: readable, as: UTF8.self) + "/" + digest
    }

    /// Of a column without a value it has an empty text; one whose value is an empty text has another name, that no column has.
    ///
    /// - Parameter columns: of the group that the alert is about.
    public init(kind: String, name: String, columns: [(name: String, value: String?)]) {
        self.init(
            kind: kind, name: name,
            labels: columns.reduce(into: [:]) { $0[$1.value == "" ? $1.name + "=" : $1.name] = $1.value ?? "" })
    }

    private static func digest(_ parts: [String], _ form: Form) -> String {
        switch form {
        case .sha256:
            var hash = SHA256()
            for part in parts { hash.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
            return Hexadecimal.text(hash.finalize())
        case .fowlerNollVo:
            var hash = FowlerNollVo128()
            for part in parts { hash.add("\(part.utf8.count):\(part)") }
            return Hexadecimal.text(hash.bytes)
        }
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

/// FNV-1a in 128 bits (Fowler, Noll, Vo). Chance makes no two keys alike, but somebody who prepares values can, within a second.
private struct FowlerNollVo128 {
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B
    private var state: UInt128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D

    mutating func add(_ text: String) {
        for byte in text.utf8 { state = (state ^ UInt128(byte)) &* FowlerNollVo128.prime }
    }

    /// The highest first.
    var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: state >> (120 - 8 * $0)) } }
}
