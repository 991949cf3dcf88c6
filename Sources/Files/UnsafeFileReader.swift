#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads a file, or standard input, in chunks into one reused buffer.
///
/// A file that shrinks while it is read ends early. Mapped, it would end the process by SIGBUS, and nothing keeps others from
/// shortening a file; what mapping saves is little, because copied bytes are in a near cache when they are scanned: 561 MB of
/// CloudTrail were read and scanned in 0.250 s by pieces of 256 KiB, in 0.243 by 1 MiB, and mapped in 0.233. A gzip'd file of up to
/// `wholeBytesMax` comes at once, so that it can be inflated at once.
package struct UnsafeFileReader: ~Copyable {
    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        package let operation: String
        package let number: Int32

        package var description: String { "\(path): \(operation) failed: \(String(cString: strerror(number)))" }
    }

    package static let chunkBytes = 1 << 20
    /// Compressed bytes. Larger ones expand to more than is inflated at once, by what gzip makes of records.
    package static let wholeBytesMax = 16 << 20

    private let path: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private var buffer = [UInt8](repeating: 0, count: UnsafeFileReader.chunkBytes)
    /// Until the first bytes are read: of a regular file that may come at once, its size.
    private var wholeBytes: Int?

    /// `-` is standard input.
    package init(path: String) throws(Failure) {
        self.path = path
        if path == "-" {
            descriptor = STDIN_FILENO
            ownsDescriptor = false
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            ownsDescriptor = true
            if descriptor < 0 { throw Failure(path: path, operation: "open", number: errno) }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= UnsafeFileReader.wholeBytesMax
        {
            wholeBytes = Int(status.st_size)
        }
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// Hands the next bytes to `body`, and whether they are all of a gzip'd file; returns false at the end of the file, when there
    /// were none.
    package mutating func next(_ body: (_ bytes: RawSpan, _ isWhole: Bool) -> Void) throws(Failure) -> Bool {
        var count = try fill(from: 0)
        if count == 0 { return false }
        var isWhole = false
        if let size = wholeBytes, count <= size, buffer.starts(with: [0x1F, 0x8B]) {
            // One byte more shows whether the file has grown meanwhile.
            if size >= buffer.count { buffer += [UInt8](repeating: 0, count: size + 1 - buffer.count) }
            while !isWhole, count < buffer.count {
                let more = try fill(from: count)
                count += more
                isWhole = more == 0
            }
        }
        wholeBytes = nil
        body(buffer.span.bytes.extracting(0..<count), isWhole)
        return true
    }

    private mutating func fill(from start: Int) throws(Failure) -> Int {
        var count = 0
        repeat {
            // The pointer lives inside the closure only; `read` writes at most the room from `start` on.
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + start, $0.count - start) }
        } while count < 0 && errno == EINTR
        if count < 0 { throw Failure(path: path, operation: "read", number: errno) }
        return count
    }
}
