import Crypto
import Text

/// The files that a configuration was read from, by their bytes as they are written: no name, no place, and of secrets only the
/// `${NAME}` that represents them.
public struct FileDigests: Sendable, Equatable {
    /// SHA-256 of each, in hexadecimal.
    private(set) var files: [String] = []

    public init() {}

    mutating func add(_ bytes: [UInt8]) { files.append(Hexadecimal.text(SHA256.hash(data: bytes))) }

    public mutating func add(_ other: FileDigests) { files += other.files }

    /// The files' digests in their order as text, each with a line's end, hashed once more; `nil` without a file. So it is what
    /// `sha256sum FILE… | cut -c1-64 | sort | sha256sum` prints.
    public var combined: String? {
        if files.isEmpty { return nil }
        return Hexadecimal.text(SHA256.hash(data: Array(files.sorted().map { $0 + "\n" }.joined().utf8)))
    }

    /// The digest of the one file.
    var single: String? { files.count == 1 ? files[0] : nil }
}
