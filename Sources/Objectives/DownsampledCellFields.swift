import JSON
import TelemetryModel
import Text

/// A row of numbers whose first is a slot.
enum SlotRow {
    static func slot(_ field: String, _ row: [Int64], _ count: Int, of slots: Int) throws(WindowRecordError) -> Int {
        guard row.count == count, let slot = Int(exactly: row[0]), slot >= 0, slot < slots else {
            throw .invalid(
                field: field, value: "\(row)",
                expected: "\(count) numbers, of which the first is a slot that there is")
        }
        return slot
    }
}

/// How the slices of cells were judged, as it stands in JSON.
struct JudgedFields {
    var score: [Int64] = []
    var scoreFraction: [Int64] = []
    var inconsistent: [[Int64]] = []

    /// - Parameter slicesMax: of a cell.
    func cells(
        _ sums: [SliceCounts], known: [Int64], slicesMax: Int, method: BudgetingMethod
    ) throws(WindowRecordError) -> [DownsampledCell] {
        func fits(_ counts: [Int64], isUsed: Bool) -> Bool { counts.count == (isUsed ? sums.count : 0) }
        var (isScored, isRatio) = (false, false)
        switch method {
        case .occurrences: break
        case .timeslices: isScored = true
        case .ratioTimeslices: (isScored, isRatio) = (true, true)
        }
        guard known.count == sums.count, fits(score, isUsed: isScored), fits(scoreFraction, isUsed: isRatio) else {
            throw .invalid(
                field: "known", value: "\(known.count) counts",
                expected: "as many as good, score and score_fraction have")
        }
        var cells: [DownsampledCell] = []
        cells.reserveCapacity(sums.count)
        for slot in sums.indices {
            cells.append(
                DownsampledCell(
                    counts: sums[slot], known: known[slot], score: isScored ? score[slot] : 0,
                    scoreFraction: isRatio ? scoreFraction[slot] : 0))
        }
        for pair in inconsistent {
            cells[try SlotRow.slot("inconsistent", pair, 2, of: sums.count)].inconsistent = pair[1]
        }
        let slices = 0...Int64(slicesMax)
        for cell in cells {
            let isPossible =
                slices.contains(cell.known) && slices.contains(cell.inconsistent)
                && (0...cell.known).contains(cell.score)
                && (0..<Int64(BudgetingMethod.ratioUnit)).contains(cell.scoreFraction)
                && (cell.score < cell.known || cell.scoreFraction == 0)
            guard isPossible else {
                throw .invalid(
                    field: "score", value: "\(cell.score) of \(cell.known)",
                    expected: "at most as many as known, of which there are at most \(slicesMax)")
            }
        }
        return cells
    }
}

/// The cells of a downsampled block where there are several for sixty slices, as they stand in JSON.
struct DownsampledCellFields {
    private var slice: String?
    private var totals: [Int64] = []
    private var bads: [Int64] = []
    private var known: [Int64] = []
    private var late: [[Int64]] = []
    private var judged = JudgedFields()

    init(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "slice": slice = try cursor.string()
            case "total": try cursor.counts(into: &totals)
            case "bad": try cursor.counts(into: &bads)
            case "known": try cursor.counts(into: &known)
            case "late": late = try cursor.rows()
            case "score": judged.score = try cursor.counts()
            case "score_fraction": judged.scoreFraction = try cursor.counts()
            case "inconsistent": judged.inconsistent = try cursor.rows()
            default: try cursor.skipValue()
            }
        }
    }

    /// - Parameter whole: the same of sixty slices each, which must be their sums.
    func cells(_ whole: [DownsampledCell], of method: BudgetingMethod) throws(WindowRecordError) -> DownsampledCells {
        let perBlock = try perBlock(method)
        guard totals.count == bads.count, totals.count <= DownsampledBlock.blocks * perBlock else {
            throw .invalid(
                field: "cells", value: "\(totals.count) totals",
                expected: "as many as bad has, at most \(DownsampledBlock.blocks * perBlock)")
        }
        var sums: [SliceCounts] = []
        sums.reserveCapacity(totals.count)
        for (total, bad) in zip(totals, bads) {
            let (good, overflow) = total.subtractingReportingOverflow(bad)
            if overflow {
                throw .invalid(
                    field: "cells", value: "[\(total),\(bad)]", expected: "sums whose difference has 64 bits")
            }
            sums.append(SliceCounts(good: good, total: total))
        }
        for pair in late {
            let slot = try SlotRow.slot("late", pair, 2, of: sums.count)
            if pair[1] < 0 { throw .invalid(field: "late", value: "\(pair)", expected: "counts from 0") }
            sums[slot].late = pair[1]
        }
        let cells = DownsampledCells(
            try judged.cells(sums, known: known, slicesMax: SliceBlock.slots / perBlock, method: method),
            perBlock: perBlock)
        guard cells.whole == whole else {
            throw .invalid(field: "cells", value: "others", expected: "cells whose sums are good and total")
        }
        return cells
    }

    private func perBlock(_ method: BudgetingMethod) throws(WindowRecordError) -> Int {
        guard let slice else { throw .malformed("slice of cells is missing") }
        let block = method.sliceNanoseconds * Int64(SliceBlock.slots)
        guard let length = try? DurationText.nanoseconds(slice), length > 0, block % length == 0,
            (2...Int64(DownsampledCells.perBlockMax)).contains(block / length)
        else {
            throw .invalid(
                field: "cells", value: slice, expected: "the length of a part of \(DurationText.text(block))")
        }
        return Int(block / length)
    }
}
