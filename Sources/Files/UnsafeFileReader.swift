#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads files one after another, or standard input, in chunks into one buffer, which is kept from file to file.
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

    private var path = ""
    private var descriptor: Int32 = -1
    private var ownsDescriptor = false
    private var buffer = [UInt8](repeating: 0, count: UnsafeFileReader.chunkBytes)
    /// Until the first bytes are read: of a regular file that may come at once, its size.
    private var wholeBytes: Int?

    /// A reader of nothing, until a file is begun.
    package init() {}

    package init(path: String) throws(Failure) {
        try begin(path: path)
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// Goes on with another file, and closes the one before. `-` is standard input.
    package mutating func begin(path: String) throws(Failure) {
        if ownsDescriptor { close(descriptor) }
        self.path = path
        ownsDescriptor = false
        wholeBytes = nil
        if path == "-" {
            descriptor = STDIN_FILENO
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            if descriptor < 0 { throw Failure(path: path, operation: "open", number: errno) }
            ownsDescriptor = true
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= UnsafeFileReader.wholeBytesMax
        {
            wholeBytes = Int(status.st_size)
        }
    }

    /// Hands the next bytes to `body`, and whether they are all of a gzip'd file; returns false at the end of the file, when there
    /// were none.
    package mutating func next(_ body: (_ bytes: RawSpan, _ isWhole: Bool) -> Void) throws(Failure) -> Bool {
        var count = try fill(0..<UnsafeFileReader.chunkBytes)
        if count == 0 { return false }
        var isWhole = false
        if let size = wholeBytes, count <= size, buffer.starts(with: [0x1F, 0x8B]) {
            // One byte more shows whether the file has grown meanwhile.
            let end = max(size + 1, UnsafeFileReader.chunkBytes)
            if end > buffer.count { buffer += [UInt8](repeating: 0, count: end - buffer.count) }
            while !isWhole, count < end {
                let more = try fill(count..<end)
                count += more
                isWhole = more == 0
            }
        }
        wholeBytes = nil
        body(buffer.span.bytes.extracting(0..<count), isWhole)
        return true
    }

    private mutating func fill(_ range: Range<Int>) throws(Failure) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= buffer.count, "a place outside the buffer")
        var count = 0
        repeat {
            // The pointer lives inside the closure only; `read` writes at most the range.
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + range.lowerBound, range.count) }
        } while count < 0 && errno == EINTR
        if count < 0 { throw Failure(path: path, operation: "read", number: errno) }
        return count
    }
}
