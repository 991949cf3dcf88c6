import CZlib

/// Compresses one gzip member.
public final class GzipWriter {
    private var stream = z_stream()

    public init(level: Int32 = 1) {
        // 15 bits of window, and 16 for gzip's header and checksum.
        let code = deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "no memory for zlib")
    }

    deinit {
        deflateEnd(&stream)
    }

    public func write(_ input: [UInt8], isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var input = input
        input.withUnsafeMutableBufferPointer { bytes in
            stream.next_in = bytes.baseAddress
            stream.avail_in = UInt32(bytes.count)
            repeat {
                let produced = buffer.withUnsafeMutableBufferPointer { room in
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return room.count - Int(stream.avail_out)
                }
                output += buffer[..<produced]
            } while stream.avail_out == 0
        }
        return output
    }
}
