import Foundation

/// One partition of a compacted topic in a file: for each record the lengths of key and value, four bytes each with the
/// lowest first, then the key, then the value.
final class RecordFile {
    private let file: UnsafeMutablePointer<FILE>
    private let path: String

    /// - Parameter mode: as for `fopen`.
    init(_ path: String, _ mode: String) throws {
        guard let file = fopen(path, mode) else {
            throw RecordFileError(path: path, reason: String(cString: strerror(errno)))
        }
        self.file = file
        self.path = path
        setvbuf(file, nil, _IOFBF, 1 << 20)
    }

    deinit { fclose(file) }

    func append(key: [UInt8], value: [UInt8]) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + key.count + value.count)
        for count in [key.count, value.count] {
            withUnsafeBytes(of: UInt32(count).littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes += key
        bytes += value
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw failure() }
    }

    func flush() throws {
        if fflush(file) != 0 { throw failure() }
    }

    /// `nil` at the end.
    func next() throws -> (key: [UInt8], value: [UInt8])? {
        let lengths = try take(8)
        if lengths.isEmpty { return nil }
        func count(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(lengths[place + $1]) << (8 * $1) } }
        let key = try take(count(0))
        let value = try take(count(4))
        guard key.count == count(0), value.count == count(4) else {
            throw RecordFileError(path: path, reason: "it ends within a record")
        }
        return (key, value)
    }

    /// Empty at the end.
    private func take(_ count: Int) throws -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 1, count, file) }
        if ferror(file) != 0 { throw failure() }
        return bytes
    }

    private func failure() -> RecordFileError { RecordFileError(path: path, reason: String(cString: strerror(errno))) }
}

struct RecordFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
}
