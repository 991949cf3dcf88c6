import TelemetryModel
import Text

/// Snappy's block format (google/snappy, "format_description.txt"): what Prometheus remote write is compressed with.
///
/// The block says its expanded size first, so that it is refused before anything is written when it is larger than the limit,
/// or larger than a block of its length could be. Each step of the expansion is checked against that size.
enum SnappyBlock {
    /// Expands a block into `output`, which is emptied first and keeps its memory. Throws `MetricFault` with
    /// `invalidCompression` or `tooLarge`; what `output` then holds means nothing.
    static func expand(_ block: RawSpan, bytesMax: Int, into output: inout [UInt8]) throws(MetricFault) {
        output.removeAll(keepingCapacity: true)
        var place = 0
        let size = try expandedSize(block, &place)
        guard size <= bytesMax else {
            throw MetricFault(.tooLarge, "a snappy block that expands to more than \(bytesMax) bytes", at: 0)
        }
        // The densest element turns 3 bytes into 64.
        guard size <= block.byteCount &* 22 else {
            throw MetricFault(.invalidCompression, "a snappy block too short for its size", at: 0)
        }
        output.reserveCapacity(size)
        while place < block.byteCount {
            let start = place
            let tag = block.byte(place)
            place &+= 1
            if tag & 3 == 0 {
                let length = try literalLength(block, tag, &place)
                guard length <= block.byteCount &- place, length <= size &- output.count else {
                    throw MetricFault(.invalidCompression, "a snappy literal past the end", at: start)
                }
                unsafe block.extracting(place..<(place &+ length)).withUnsafeBytes {
                    unsafe output.append(contentsOf: $0)
                }
                place &+= length
            } else {
                let (length, distance) = try copy(block, tag, &place)
                guard distance > 0, distance <= output.count, length <= size &- output.count else {
                    throw MetricFault(.invalidCompression, "a snappy copy from outside the block", at: start)
                }
                // A copy may overlap what it writes, which repeats the last bytes; so it goes byte by byte.
                let source = output.count &- distance
                for index in source..<(source &+ length) { output.append(output[index]) }
            }
        }
        guard output.count == size else {
            throw MetricFault(.invalidCompression, "a snappy block cut off", at: block.byteCount)
        }
    }

    private static func expandedSize(_ block: RawSpan, _ place: inout Int) throws(MetricFault) -> Int {
        var size: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            guard place < block.byteCount else { break }
            let byte = block.byte(place)
            place &+= 1
            size |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if size > UInt64(UInt32.max) { break }
                return Int(size)
            }
        }
        throw MetricFault(.invalidCompression, "a snappy block without a size", at: 0)
    }

    private static func literalLength(
        _ block: RawSpan, _ tag: UInt8, _ place: inout Int
    ) throws(MetricFault) -> Int {
        let short = Int(tag >> 2)
        if short < 60 { return short &+ 1 }
        return try littleEndian(block, bytes: short &- 59, &place) &+ 1
    }

    private static func copy(
        _ block: RawSpan, _ tag: UInt8, _ place: inout Int
    ) throws(MetricFault) -> (length: Int, distance: Int) {
        switch tag & 3 {
        case 1:
            let low = try littleEndian(block, bytes: 1, &place)
            return (Int(tag >> 2 & 7) &+ 4, Int(tag >> 5) << 8 | low)
        case 2: return (Int(tag >> 2) &+ 1, try littleEndian(block, bytes: 2, &place))
        default: return (Int(tag >> 2) &+ 1, try littleEndian(block, bytes: 4, &place))
        }
    }

    private static func littleEndian(
        _ block: RawSpan, bytes count: Int, _ place: inout Int
    ) throws(MetricFault) -> Int {
        guard count <= block.byteCount &- place else {
            throw MetricFault(.invalidCompression, "a snappy block cut off", at: block.byteCount)
        }
        var value = 0
        for index in 0..<count { value |= Int(block.byte(place &+ index)) << (8 * index) }
        place &+= count
        return value
    }
}
