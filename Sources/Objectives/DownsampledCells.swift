/// The cells of a downsampled block in a row, and how many of them sixty slices became.
///
/// A window begins and ends with a cell where slices are downsampled, so a cell has a quarter of an hour at most; every time zone's
/// offset from UTC today is a multiple of that, so that a day or a month of any zone is made of whole ones. Records of 0.1.0 have one cell
/// for sixty slices, and what was downsampled so stays so.
public struct DownsampledCells: Sendable, Equatable {
    /// Where they are of a record, those after the last one that holds anything are left out.
    var cells: [DownsampledCell]
    /// 1 to 4, all of which divide sixty slices.
    let perBlock: Int

    static let perBlockMax = 4
    private static let nanosecondsMax: Int64 = 900_000_000_000

    public init(_ cells: [DownsampledCell], perBlock: Int) {
        self.cells = cells
        self.perBlock = perBlock
    }

    /// The fewest with which each quarter of an hour begins with a cell; of slices of which no number does that, the fewest of a
    /// quarter of an hour or less. Slices have a minute at most.
    static func perBlock(sliceNanoseconds: Int64) -> Int {
        func length(_ count: Int) -> Int64 { sliceNanoseconds * Int64(SliceBlock.slots / count) }
        let counts = 1...perBlockMax
        return counts.first { nanosecondsMax % length($0) == 0 } ?? counts.first { length($0) <= nanosecondsMax }
            ?? perBlockMax
    }

    /// A block's cells; `nil` where their sums leave 64 bits, or would together, and the block must stay as it is.
    static func of(_ block: SliceBlock, count: Int, method: BudgetingMethod) -> [DownsampledCell]? {
        guard Int64(exactly: block.sum.good) != nil, Int64(exactly: block.sum.total) != nil,
            Int64(exactly: block.late(block.slices)) != nil
        else { return nil }
        let length = Int64(SliceBlock.slots / count)
        var cells: [DownsampledCell] = []
        cells.reserveCapacity(count)
        for place in 0..<Int64(count) {
            let first = block.firstSlice + place * length
            guard let cell = DownsampledCell(block, first..<first + length, method: method) else { return nil }
            cells.append(cell)
        }
        return cells
    }

    /// With one cell for sixty slices, as 0.1.0 reads them.
    var whole: [DownsampledCell] {
        if perBlock == 1 { return cells }
        return stride(from: 0, to: cells.count, by: perBlock).map { first in
            cells[first + 1..<min(first + perBlock, cells.count)].reduce(cells[first]) { $0.joined(with: $1) }
        }
    }

    mutating func removeEmptyEnd() {
        while cells.last?.isZero == true { cells.removeLast() }
    }
}
