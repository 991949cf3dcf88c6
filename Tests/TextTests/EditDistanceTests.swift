import Statistics
import Testing

@testable import Text

@Suite struct EditDistanceTests {
    @Test func nearestIgnoresCaseAndTakesTheFirstOfEquals() {
        #expect(EditDistance.nearest(to: "errorcode", among: ["eventName", "errorCode"]) == "errorCode")
        #expect(EditDistance.nearest(to: "eventNmae", among: ["eventTime", "eventName"]) == "eventName")
        #expect(EditDistance.nearest(to: "cat", among: ["bat", "hat"]) == "bat")
        #expect(EditDistance.nearest(to: "cat", among: ["cats", "cat"]) == "cats")
    }

    @Test func nothingFurtherThanAThirdIsNear() {
        #expect(EditDistance.nearest(to: "abcdef", among: ["abcxyz", "abcdefghi"]) == nil)
        #expect(EditDistance.nearest(to: "", among: ["ab"]) == nil)
        let long = String(repeating: "a", count: 300)
        #expect(EditDistance.nearest(to: long, among: [long + "b", "a"]) == long + "b")
    }

    /// Names over three letters, so that repeated and swapped letters are frequent; every limit must agree with the
    /// whole table.
    @Test func limitsOnlyLeaveOutWhatIsFurther() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3000 {
            let names = (0..<3).map { _ in
                (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 97...99, using: &random) }
            }
            // The rows are used again, for shorter and longer names.
            var rows = EditDistanceRows(wanted: names[0])
            for other in names {
                let whole = wholeTable(names[0], other)
                for limit in 0...9 {
                    let found = rows.distance(to: other, atMost: limit)
                    #expect(found == (whole <= limit ? whole : nil), "seed \(seed): \(names[0]) \(other) \(limit)")
                }
            }
        }
    }

    private func wholeTable(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var table = [[Int]](repeating: Array(0...right.count), count: left.count + 1)
        for row in 1..<(left.count + 1) {
            table[row][0] = row
            for column in 1..<(right.count + 1) {
                let isSame = left[row - 1] == right[column - 1]
                table[row][column] = min(
                    table[row - 1][column] + 1, table[row][column - 1] + 1,
                    table[row - 1][column - 1] + (isSame ? 0 : 1))
                guard row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1]
                else { continue }
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
            }
        }
        return table[left.count][right.count]
    }
}
