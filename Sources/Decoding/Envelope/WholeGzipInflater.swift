import CDeflate

/// Inflates gzip that is at hand as a whole, by libdeflate: in two thirds of the time of zlib, which works step by step.
///
/// It says only whether all went well. Why not, and what there is before a fault, is for `GzipInflater` to say, so that one
/// library judges what is broken. Keeps 12 KB from input to input.
@safe
struct WholeGzipInflater: ~Copyable {
    /// Room to begin with where the size that the input states is no help, as with members one after another.
    private static let roomMin = 64 << 10
    /// A header of 10 bytes, one block without contents, checksum and length.
    private static let memberBytesMin = 20
    /// No byte of deflate stands for more: two bits for a length of 258, with a distance.
    private static let expansionMax = 1032
    /// Of the header's flags: it has a checksum of its own, which libdeflate does not look at.
    private static let hasHeaderChecksum: UInt8 = 0x02

    // Owner: this value alone, made when it is first needed and freed in `deinit`. Exclusivity: only `mutating` methods use
    // it. libdeflate keeps no pointer to input or output.
    private var decompressor: OpaquePointer?

    init() {}

    deinit {
        unsafe libdeflate_free_decompressor(decompressor)
    }

    /// Puts what all members of `input` hold into `output`, in place of what is there. False, with `output` undefined, when
    /// anything is broken or cut off, or when it is more than `outputMax` bytes.
    ///
    /// Room is made for what the input says, and for at most four times what has come out where it says too little; the work is at most
    /// 4/3 of what `outputMax` bytes take.
    mutating func inflate(_ input: RawSpan, into output: inout [UInt8], outputMax: Int) -> Bool {
        output.removeAll(keepingCapacity: true)
        guard input.byteCount >= WholeGzipInflater.memberBytesMin, makeDecompressor() else { return false }
        let stated = min(
            WholeGzipInflater.statedBytes(input), input.byteCount * WholeGzipInflater.expansionMax)
        guard stated <= outputMax else { return false }
        var room = max(stated, min(WholeGzipInflater.roomMin, input.byteCount * WholeGzipInflater.expansionMax))
        var place = 0
        while place < input.byteCount {
            // Some writers fill up with zeros after a member.
            if place > 0, input.byte(place) == 0 {
                place += 1
                continue
            }
            let member = input.extracting(place..<input.byteCount)
            guard member.byteCount >= WholeGzipInflater.memberBytesMin,
                member.byte(3) & WholeGzipInflater.hasHeaderChecksum == 0
            else { return false }
            let left = outputMax - output.count
            room = min(max(room, output.capacity - output.count), left)
            switch inflateMember(member, into: &output, room: room) {
            case (LIBDEFLATE_SUCCESS, let taken): place += taken
            case (LIBDEFLATE_INSUFFICIENT_SPACE, _):
                if room == left { return false }
                room = max(room * 4, WholeGzipInflater.roomMin)
            default: return false
            }
        }
        return true
    }

    private mutating func makeDecompressor() -> Bool {
        if unsafe decompressor == nil { unsafe decompressor = libdeflate_alloc_decompressor() }
        return unsafe decompressor != nil
    }

    /// The last four bytes: the length of the last member, modulo 2³², where nothing comes after it.
    private static func statedBytes(_ input: RawSpan) -> Int {
        (0..<4).reduce(0) { $0 | Int(input.byte(input.byteCount - 4 + $1)) << (8 * $1) }
    }

    /// Appends one member with room for `room` bytes; leaves `output` as it was unless that succeeds.
    private mutating func inflateMember(
        _ member: RawSpan, into output: inout [UInt8], room: Int
    ) -> (result: libdeflate_result, taken: Int) {
        let decompressor = unsafe decompressor
        // An eighth more than the first asks for, which takes no memory until it is used: what comes next is often of about the same size,
        // and to make new room costs a tenth of inflating into it.
        if output.isEmpty, output.capacity < room { output.reserveCapacity(room + room / 8) }
        var result = LIBDEFLATE_BAD_DATA
        var taken = 0
        output.append(addingCapacity: room) { free in
            unsafe member.withUnsafeBytes { member in
                unsafe free.withUnsafeMutableBufferPointer { output, written in
                    var made = 0
                    unsafe result = libdeflate_gzip_decompress_ex(
                        decompressor, member.baseAddress, member.count, output.baseAddress, min(output.count, room),
                        &taken, &made)
                    written = result == LIBDEFLATE_SUCCESS ? made : 0
                }
            }
        }
        return (result, taken)
    }
}
