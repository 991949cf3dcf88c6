import CZlib
import Text

/// Why bytes are no gzip stream. Offsets are in compressed bytes.
struct GzipError: Error, Equatable {
    enum Cause {
        case truncated
        case corrupt
        /// Something other than a further member or zeros follows the last member.
        case trailingBytes
        case tooLarge
        case outOfMemory
    }

    let cause: Cause
    let offset: Int
}

/// Inflates gzip step by step: members one after another, as `cat` and CloudWatch make them.
///
/// Keeps zlib's window (32 KiB) and its state from stream to stream.
@safe
struct GzipInflater: ~Copyable {
    // Owner: this value alone, freed in `deinit`. zlib keeps a pointer back to it, so it must not move. Exclusivity: only
    // `mutating` methods touch it. The input and output pointers in it are set for each call and cleared after it.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isReady = false
    /// Whether a member has ended and no byte of a further one was seen.
    private(set) var isBetweenMembers = true
    private var hasSeenMember = false
    /// Whether the last step filled its room, so that zlib may hold more output although it has taken all input.
    private var mayHoldOutput = false
    /// Compressed bytes taken since `begin`.
    private(set) var consumed = 0

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
    }

    deinit {
        if isReady { unsafe _ = inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// Whether bytes begin as every gzip member does: the magic number and the only method there is.
    static func isGzip(_ bytes: RawSpan) -> Bool {
        bytes.byteCount >= 2 && bytes.byte(0) == 0x1F && bytes.byte(1) == 0x8B
            && (bytes.byteCount < 3 || bytes.byte(2) == 8)
    }

    /// Starts a new stream.
    mutating func begin() throws(GzipError) {
        consumed = 0
        hasSeenMember = false
        isBetweenMembers = true
        mayHoldOutput = false
        try beginMember()
    }

    private mutating func beginMember() throws(GzipError) {
        // 15 bits of window, and 16 for gzip's header and checksum.
        let code =
            isReady
            ? unsafe inflateReset(stream)
            : unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw GzipError(cause: .outOfMemory, offset: consumed) }
        isReady = true
    }

    /// Inflates from `input` and appends to `output` until the input is used up or `output` holds `outputMax` bytes.
    /// Returns how many bytes of the input were taken.
    mutating func inflate(
        _ input: RawSpan, into output: inout [UInt8], outputMax: Int
    ) throws(GzipError) -> Int {
        var taken = 0
        while taken < input.byteCount || mayHoldOutput, output.count < outputMax {
            if isBetweenMembers, taken < input.byteCount {
                let first = input.byte(taken)
                // Some writers fill up with zeros after the last member.
                if first == 0, hasSeenMember {
                    taken += 1
                    consumed += 1
                    continue
                }
                guard first == 0x1F else { throw GzipError(cause: .trailingBytes, offset: consumed) }
                if hasSeenMember { try beginMember() }
                isBetweenMembers = false
                hasSeenMember = true
            }
            let before = output.count
            let room = min(outputMax - before, max(64 << 10, min((input.byteCount - taken) * 4, 4 << 20)))
            let part = input.extracting(taken..<min(input.byteCount, taken + Int(Int32.max)))
            let step = step(part, into: &output, room: room)
            taken += step.taken
            consumed += step.taken
            mayHoldOutput = step.code == Z_OK && output.count - before == room
            switch step.code {
            case Z_STREAM_END: isBetweenMembers = true
            case Z_OK, Z_BUF_ERROR:
                if step.taken == 0, output.count == before { return taken }
            case Z_MEM_ERROR: throw GzipError(cause: .outOfMemory, offset: consumed)
            default: throw GzipError(cause: .corrupt, offset: consumed)
            }
        }
        return taken
    }

    /// One call of zlib, with room for `room` further bytes.
    private mutating func step(
        _ input: RawSpan, into output: inout [UInt8], room: Int
    ) -> (code: Int32, taken: Int) {
        let stream = unsafe stream
        var result: (code: Int32, taken: Int) = (Z_OK, 0)
        output.append(addingCapacity: room) { free in
            unsafe input.withUnsafeBytes { input in
                unsafe free.withUnsafeMutableBufferPointer { output, written in
                    // zlib only reads through `next_in`, whatever its type says.
                    unsafe stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?
                        .assumingMemoryBound(to: UInt8.self)
                    unsafe stream.pointee.avail_in = UInt32(input.count)
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(clamping: min(output.count, room))
                    let offered = unsafe stream.pointee.avail_out
                    let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                    written = unsafe Int(offered - stream.pointee.avail_out)
                    result = unsafe (code, input.count - Int(stream.pointee.avail_in))
                    unsafe stream.pointee.next_in = nil
                    unsafe stream.pointee.next_out = nil
                }
            }
        }
        return result
    }

    /// Throws unless the stream is complete.
    func end() throws(GzipError) {
        guard isBetweenMembers, hasSeenMember else { throw GzipError(cause: .truncated, offset: consumed) }
    }
}
