import TelemetryModel
import Testing

@testable import Objectives

@Suite struct SliceCursorTests {
    /// In order, of one slice and the next, with gaps, backwards, and at both ends of what a time can be.
    @Test(arguments: [1_000_000_000, 60_000_000_000, 3_600_000_000_000] as [Int64])
    func numbersSlicesAsDividingDoes(length: Int64) {
        let grid = SliceGrid(lengthNanoseconds: length)
        var offsets: [Int64] = []
        for slices: Int64 in [0, 1, 2, 3, 1, -1, -2, 7, 0] {
            for rest: Int64 in [0, 1, length / 2, length - 1] { offsets.append(slices * length + rest) }
        }
        var times = [0, -length, 1_794_960_000_000_000_000].flatMap { (base: Int64) in offsets.map { base + $0 } }
        times += [.min, .min + 1, .max, .min + length - 1, .min + length, .min + 2 * length, .max - length, .max, .min]
        var cursor = SliceGrid.Cursor(grid)
        for time in times.map(Timestamp.init(nanoseconds:)) {
            #expect(cursor.slice(holding: time) == grid.slice(holding: time), "\(time.nanoseconds)")
            #expect(cursor.slice == grid.slice(holding: time))
        }
    }
}
