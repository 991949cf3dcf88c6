/// A few rows of counts in one allocation, each row as narrow as its largest count, and a tail of bytes behind them.
///
/// What a block of slices holds is mostly small: a minute's total fits two bytes, its bad records one, and excluded or
/// late records there are none. So each row (a lane) has a width of its own: absent while all of it is zero, 1, 2 or 4
/// bytes a count while no count is negative, else 8. A lane widens when a count needs it, and only it.
///
/// Layout: a byte for each lane's width, then the lanes, then the tail, whose meaning is the owner's. For 60 minutes of
/// totals below 65,536 and bad counts below 256: 4 + 60 × 2 + 60 × 1 = 184 bytes, and the array's header of 32.
struct PackedLanes: Sendable, Equatable {
    private var bytes: [UInt8]
    private let laneCount: UInt8
    private let slotCount: UInt8

    /// All zero; at most 255 of each.
    init(lanes: Int, slots: Int) {
        bytes = [UInt8](repeating: 0, count: lanes)
        laneCount = UInt8(lanes)
        slotCount = UInt8(slots)
    }

    /// As narrow as the counts allow. Each lane has a count for each slot, or is empty where all are zero.
    init(slots: Int, lanes: [[Int64]], tail: [UInt8] = []) {
        laneCount = UInt8(lanes.count)
        slotCount = UInt8(slots)
        var size = lanes.count + tail.count
        var widths: [UInt8] = []
        widths.reserveCapacity(lanes.count)
        for lane in lanes {
            // The bits of all counts together are as wide as the widest of them.
            var bits: UInt64 = 0
            for count in lane { bits |= UInt64(bitPattern: count) }
            widths.append(PackedLanes.width(bits))
            size += slots * Int(PackedLanes.width(bits))
        }
        bytes = [UInt8](repeating: 0, count: size)
        var place = lanes.count
        for (index, lane) in lanes.enumerated() {
            bytes[index] = widths[index]
            let width = Int(widths[index])
            if width == 0 { continue }
            if width <= 2 {
                // Nearly all lanes are so narrow.
                for slot in 0..<slots {
                    bytes[place] = UInt8(truncatingIfNeeded: lane[slot])
                    if width == 2 { bytes[place + 1] = UInt8(truncatingIfNeeded: lane[slot] >> 8) }
                    place += width
                }
                continue
            }
            for slot in 0..<slots {
                var value = UInt64(bitPattern: lane[slot])
                for byte in place..<place + width {
                    bytes[byte] = UInt8(truncatingIfNeeded: value)
                    value >>= 8
                }
                place += width
            }
        }
        for byte in tail {
            bytes[place] = byte
            place += 1
        }
    }

    /// A lane's place and width, to be looked up once for many slots.
    struct Lane {
        fileprivate let start: Int
        fileprivate let width: UInt8

        var isZero: Bool { width == 0 }
    }

    func lane(_ lane: Int) -> Lane {
        var start = Int(laneCount)
        for before in 0..<lane { start += Int(slotCount) * Int(bytes[before]) }
        return Lane(start: start, width: bytes[lane])
    }

    private var lanesEnd: Int {
        (0..<Int(laneCount)).reduce(Int(laneCount)) { $0 + Int(slotCount) * Int(bytes[$1]) }
    }

    func count(_ lane: Lane, _ slot: Int) -> Int64 {
        switch lane.width {
        case 0: return 0
        case 1: return Int64(bytes[lane.start + slot])
        case 2:
            let place = lane.start + 2 * slot
            return Int64(bytes[place]) | Int64(bytes[place + 1]) << 8
        default:
            let width = Int(lane.width)
            var value: UInt64 = 0
            for index in 0..<width {
                value |= UInt64(bytes[lane.start + width * slot + index]) << UInt64(8 * index)
            }
            return Int64(bitPattern: value)
        }
    }

    subscript(lane: Int, slot: Int) -> Int64 {
        get { count(self.lane(lane), slot) }
        set {
            let held = self.lane(lane)
            guard PackedLanes.width(UInt64(bitPattern: newValue)) <= held.width else {
                var lanes = (0..<Int(laneCount)).map { lane in (0..<Int(slotCount)).map { self[lane, $0] } }
                lanes[lane][slot] = newValue
                self = PackedLanes(slots: Int(slotCount), lanes: lanes, tail: Array(tail))
                return
            }
            var value = UInt64(bitPattern: newValue)
            let width = Int(held.width)
            for index in 0..<width {
                bytes[held.start + width * slot + index] = UInt8(truncatingIfNeeded: value)
                value >>= 8
            }
        }
    }

    /// The bytes behind the lanes.
    var tail: ArraySlice<UInt8> { bytes[lanesEnd...] }

    mutating func replaceTail(_ tail: [UInt8]) {
        let end = lanesEnd
        // Made anew, because appending would round the allocation up to twice its size.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end + tail.count)
        bytes.append(contentsOf: self.bytes[..<end])
        bytes.append(contentsOf: tail)
        self.bytes = bytes
    }

    /// Memory held beside the value itself, in bytes: the array's header of 32 and its capacity.
    var allocatedBytes: Int { bytes.capacity + 32 }

    private static func width(_ bits: UInt64) -> UInt8 {
        switch bits {
        case 0: 0
        case ...0xFF: 1
        case ...0xFFFF: 2
        case ...0xFFFF_FFFF: 4
        default: 8
        }
    }
}
