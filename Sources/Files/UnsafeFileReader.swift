#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads a file, or standard input, in chunks into one reused buffer.
///
/// The buffer is small enough to stay in the processor's cache between the kernel's copy and the decoder's scan, which
/// mapping the file would not give, and a file that shrinks while it is read ends early instead of faulting.
package struct UnsafeFileReader: ~Copyable {
    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        package let operation: String
        package let number: Int32

        package var description: String { "\(path): \(operation) failed: \(String(cString: strerror(number)))" }
    }

    package static let chunkBytes = 256 * 1024

    private let path: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private var buffer = [UInt8](repeating: 0, count: UnsafeFileReader.chunkBytes)

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
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
    }

    /// Hands the next bytes to `body`; returns false at the end of the file, when there were none.
    package mutating func next(_ body: (RawSpan) -> Void) throws(Failure) -> Bool {
        var count = 0
        repeat {
            // The pointer lives inside the closure only; `read` writes at most the buffer's count.
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        if count < 0 { throw Failure(path: path, operation: "read", number: errno) }
        if count == 0 { return false }
        body(buffer.span.bytes.extracting(0..<count))
        return true
    }
}
