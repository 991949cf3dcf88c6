/// Good and total of the sixty slices of a block, as narrow as they fit.
///
/// A minute rarely sees four billion records, so that 32 bits each are the rule: 60 × 2 × 4 = 480 bytes and the array's
/// header of 32. The first larger count widens its block to 64 bits, and only its block.
enum PackedCounts: Sendable, Equatable {
    case narrow([UInt32])
    case wide([Int64])

    init(slots: Int) {
        self = .narrow(Array(repeating: 0, count: 2 * slots))
    }

    func good(_ slot: Int) -> Int64 { self[2 * slot] }
    func total(_ slot: Int) -> Int64 { self[2 * slot + 1] }

    mutating func set(_ slot: Int, good: Int64, total: Int64) {
        if case .narrow(var counts) = self {
            if let good = UInt32(exactly: good), let total = UInt32(exactly: total) {
                // The enum must let go of the array before it is written to, or every write would copy it.
                self = .wide([])
                counts[2 * slot] = good
                counts[2 * slot + 1] = total
                self = .narrow(counts)
                return
            }
            self = .wide(counts.map(Int64.init))
        }
        guard case .wide(var counts) = self else { return }
        self = .wide([])
        counts[2 * slot] = good
        counts[2 * slot + 1] = total
        self = .wide(counts)
    }

    var bytes: Int {
        switch self {
        case .narrow(let counts): counts.capacity * MemoryLayout<UInt32>.stride + 32
        case .wide(let counts): counts.capacity * MemoryLayout<Int64>.stride + 32
        }
    }

    private subscript(_ place: Int) -> Int64 {
        switch self {
        case .narrow(let counts): Int64(counts[place])
        case .wide(let counts): counts[place]
        }
    }
}
