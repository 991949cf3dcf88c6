/// A few rows of counts in one allocation, each row as narrow as its largest count, and a tail of bytes behind them.
///
/// What a block of slices holds is mostly small: a minute's total fits two bytes, its bad records one, and late records
/// there are none. So each row (a lane) has a width of its own: absent while all of it is zero, 1, 2 or 4
/// bytes a count while no count is negative, else 8. A lane widens when a count needs it, and only it.
///
/// Layout: a byte for each lane's width, then the lanes, then the tail, whose meaning is the owner's. For 60 minutes of
/// totals below 65,536 and bad counts below 256: 3 + 60 × 2 + 60 × 1 = 183 bytes, and the array's header of 32.
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

    /// As narrow as the counts allow.
    ///
    /// - Parameter counts: lane after lane, as many in each as there are slots.
    private init(slots: Int, counts: UnsafeMutableBufferPointer<Int64>, tail: [UInt8] = []) {
        let lanes = counts.count / slots
        laneCount = UInt8(lanes)
        slotCount = UInt8(slots)
        var size = lanes + tail.count
        var widths: UInt64 = 0
        precondition(lanes <= 8, "a byte of a word tells each lane's width")
        for lane in 0..<lanes {
            // The bits of all counts together are as wide as the widest of them.
            var bits: UInt64 = 0
            for place in lane * slots..<(lane + 1) * slots { bits |= UInt64(bitPattern: counts[place]) }
            let width = PackedLanes.width(bits)
            widths |= UInt64(width) << UInt64(8 * lane)
            size += slots * Int(width)
        }
        bytes = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            var place = 0
            func put(_ byte: UInt8) {
                memory.initializeElement(at: place, to: byte)
                place &+= 1
            }
            for lane in 0..<lanes { put(UInt8(truncatingIfNeeded: widths >> UInt64(8 * lane))) }
            for lane in 0..<lanes {
                let own = UnsafeBufferPointer(rebasing: counts[lane * slots..<(lane + 1) * slots])
                switch UInt8(truncatingIfNeeded: widths >> UInt64(8 * lane)) {
                case 0: break
                case 1: for count in own { put(UInt8(truncatingIfNeeded: count)) }
                case 2:
                    for count in own {
                        put(UInt8(truncatingIfNeeded: count))
                        put(UInt8(truncatingIfNeeded: count >> 8))
                    }
                case let width:
                    for count in own {
                        for byte in 0..<Int64(width) { put(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
                    }
                }
            }
            for byte in tail { put(byte) }
            count = place
        }
    }

    /// - Parameter fill: puts counts in the place of zeros, lane after lane.
    @inline(__always)
    static func make(
        slots: Int, lanes: Int, tail: [UInt8], _ fill: (UnsafeMutableBufferPointer<Int64>) -> Void
    ) -> PackedLanes {
        // On the stack, because a process that restores makes millions of them.
        withUnsafeTemporaryAllocation(of: Int64.self, capacity: lanes * slots) { counts in
            counts.initialize(repeating: 0)
            fill(counts)
            return PackedLanes(slots: slots, counts: counts, tail: tail)
        }
    }

    /// A lane's place and width, to be looked up once for many slots.
    struct Lane {
        fileprivate let start: Int
        fileprivate let width: UInt8

        var isZero: Bool { width == 0 }
        /// Whether no count is below zero or has more than 32 bits.
        var isShort: Bool { width <= 4 }

        func holds(_ count: Int64) -> Bool { PackedLanes.width(UInt64(bitPattern: count)) <= width }
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
            guard held.holds(newValue) else {
                let slots = Int(slotCount)
                let (held, tail) = (self, Array(tail))
                self = PackedLanes.make(slots: slots, lanes: Int(laneCount), tail: tail) { counts in
                    for lane in 0..<Int(held.laneCount) {
                        let own = held.lane(lane)
                        if own.isZero { continue }
                        for slot in 0..<slots { counts[lane * slots + slot] = held.count(own, slot) }
                    }
                    counts[lane * slots + slot] = newValue
                }
                return
            }
            set(held, slot, newValue)
        }
    }

    /// A count that the lane holds.
    mutating func set(_ lane: Lane, _ slot: Int, _ count: Int64) {
        if lane.width == 1 {
            bytes[lane.start + slot] = UInt8(truncatingIfNeeded: count)
            return
        }
        var value = UInt64(bitPattern: count)
        let width = Int(lane.width)
        for index in 0..<width {
            bytes[lane.start + width * slot + index] = UInt8(truncatingIfNeeded: value)
            value >>= 8
        }
    }

    /// The bytes behind the lanes.
    var tail: ArraySlice<UInt8> { bytes[lanesEnd...] }

    mutating func replaceTail(_ tail: some Collection<UInt8>) {
        let end = lanesEnd
        // Made anew, because appending would round the allocation up to twice its size.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end + tail.count)
        bytes.append(contentsOf: self.bytes[..<end])
        bytes.append(contentsOf: tail)
        self.bytes = bytes
    }

    mutating func appendTail(_ more: [UInt8]) {
        // Made anew for the same reason.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.bytes.count + more.count)
        bytes.append(contentsOf: self.bytes)
        bytes.append(contentsOf: more)
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
