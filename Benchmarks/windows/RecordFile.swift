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

    /// The next record's value, and how long its key is; `nil` at the end.
    func next() throws -> (keyBytes: Int, value: [UInt8])? {
        var lengths: (key: UInt32, value: UInt32) = (0, 0)
        let count = withUnsafeMutableBytes(of: &lengths) { fread($0.baseAddress, 1, 8, file) }
        if ferror(file) != 0 { throw failure() }
        if count == 0 { return nil }
        let (keyBytes, valueBytes) = (Int(UInt32(littleEndian: lengths.key)), Int(UInt32(littleEndian: lengths.value)))
        guard count == 8, try take(keyBytes).count == keyBytes else { throw cut }
        let value = try take(valueBytes)
        guard value.count == valueBytes else { throw cut }
        return (keyBytes, value)
    }

    private func take(_ count: Int) throws -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 1, count, file) }
        if ferror(file) != 0 { throw failure() }
        return bytes
    }

    private var cut: RecordFileError { RecordFileError(path: path, reason: "it ends within a record") }
    private func failure() -> RecordFileError { RecordFileError(path: path, reason: String(cString: strerror(errno))) }
}

struct RecordFileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }
}
