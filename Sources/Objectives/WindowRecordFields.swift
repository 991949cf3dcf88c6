import JSON
import TelemetryModel
import Text

/// A record's members as they stand in JSON, before anything is believed.
struct WindowRecordFields {
    var goods: [Int64]
    var totals: [Int64]
    var sourceReader: SourceSpanReader
    /// What the record is expected to begin with; `nil` once it is known not to.
    private(set) var opening: WindowOpening?
    /// Empty where the terms are known from elsewhere.
    private var termFields: ObjectiveTermFields?
    private var start: String?
    private var slice: String?
    private var hasGoods = false
    private var hasTotals = false
    private var late: [[Int64]]?
    private var signed: [[Int64]] = []
    /// Of a downsampled block.
    private var known: [Int64]?
    private var judged = JudgedFields()
    private var cells: DownsampledCellFields?
    private var worst: [(start: String, good: Int64, total: Int64)] = []
    private var sources: [SourceSpan]?
    private var hasSources = false
    private var gaps: [GapFields] = []
    private var epoch: Int64?
    private var stamp: Int64?
    private var unmatched: [String] = []
    private var firstRead: Int?
    private var fractions: [(slot: Int, rest: SliceFraction)] = []
    private var later: [LaterFields] = []

    struct GapFields {
        var topic: String?
        var partition: Int32?
        var incarnation: Int32 = 0
        var from: Int64?
        var to: Int64?
    }

    /// The arrays' memory is used again.
    init(goods: [Int64], totals: [Int64], sourceReader: SourceSpanReader, opening: WindowOpening?) {
        self.opening = opening
        self.goods = goods
        self.totals = totals
        self.sourceReader = sourceReader
        self.goods.removeAll(keepingCapacity: true)
        self.totals.removeAll(keepingCapacity: true)
    }

    /// With the place where the members of the terms end, they are read from elsewhere, and one behind it is an error.
    mutating func read(_ bytes: [UInt8], termsEnd: Int?) throws(JSONCursorError) {
        var cursor: JSONCursor
        if let termsEnd {
            cursor = JSONCursor(bytes, behindMemberAt: termsEnd)
            // In the order in which Tidewatch writes them, without making strings of their names.
            if let opening, cursor.take(opening.bytes) {
                start = opening.start
                slice = opening.slice
            } else {
                opening = nil
                if try cursor.nextKeyIs("start") { start = try cursor.string() }
                if try cursor.nextKeyIs("slice") { slice = try cursor.string() }
            }
            if try cursor.nextKeyIs("good") {
                try readGoods(&cursor)
            } else if try cursor.nextKeyIs("goods") {
                try readGoods(&cursor)
            }
            if try cursor.nextKeyIs("total") {
                try readTotals(&cursor)
            } else if try cursor.nextKeyIs("totals") {
                try readTotals(&cursor)
            }
            if try cursor.nextKeyIs("excluded") { try cursor.skipValue() }
            if try cursor.nextKeyIs("late") { late = try cursor.rows() }
            if try cursor.nextKeyIs("sources") { try readSources(&cursor) }
            if try cursor.nextKeyIs("epoch") { epoch = try cursor.integer() }
            if try cursor.nextKeyIs("stamp") { stamp = try cursor.integer() }
            if try cursor.nextKeyIs("version") { try cursor.recordVersion() }
        } else {
            opening = nil
            cursor = JSONCursor(bytes)
            try cursor.beginObject()
        }
        while let key = try cursor.nextKey() {
            switch key {
            case "start": start = try cursor.string()
            case "slice": slice = try cursor.string()
            case "good", "goods": try readGoods(&cursor)
            case "total", "totals": try readTotals(&cursor)
            case "late": late = try cursor.rows()
            case "signed": signed = try cursor.rows()
            case "known": known = try cursor.counts()
            case "score": judged.score = try cursor.counts()
            case "score_fraction": judged.scoreFraction = try cursor.counts()
            case "cells": cells = try DownsampledCellFields(&cursor)
            case "worst": worst = try cursor.worst()
            case "sources": try readSources(&cursor)
            case "gaps": gaps = try cursor.gaps()
            case "epoch": epoch = try cursor.takeNull() ? nil : cursor.integer()
            case "stamp": stamp = try cursor.takeNull() ? nil : cursor.integer()
            case "inconsistent": judged.inconsistent = try cursor.rows()
            case "unmatched": unmatched = try cursor.strings()
            case "first_read": firstRead = try cursor.integer()
            case "fractions": fractions = try cursor.fractions()
            case "arrived_later": later = try LaterFields.rows(&cursor)
            case RecordVersion.member: try cursor.recordVersion()
            case _ where ObjectiveTermFields.isMember(key):
                if termsEnd != nil { throw cursor.refusal("'\(key)' before 'start'") }
                var fields = termFields ?? ObjectiveTermFields()
                try fields.read(key, from: &cursor)
                termFields = fields
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
    }

    private mutating func readGoods(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        goods.removeAll(keepingCapacity: true)
        try cursor.counts(into: &goods)
        hasGoods = true
    }

    private mutating func readTotals(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        totals.removeAll(keepingCapacity: true)
        try cursor.counts(into: &totals)
        hasTotals = true
    }

    private mutating func readSources(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        sources = try sourceReader.read(&cursor)
        hasSources = true
    }
}

/// What stands behind the terms of a record, read and found right once: where its block begins.
///
/// Records that were published together are of the same hour, one objective's after the other's.
struct WindowOpening {
    /// From the comma in front of "start" to the value of "slice".
    let bytes: [UInt8]
    let start: String
    let slice: String
    let time: Timestamp
    let sliceNanoseconds: Int64
    let isDownsampled: Bool

    init(_ record: WindowRecord) {
        start = record.start.description
        slice = DurationText.text(record.countNanoseconds)
        bytes = Array(#","start":"\#(start)","slice":"\#(slice)""#.utf8)
        time = record.start
        sliceNanoseconds = record.terms.method.sliceNanoseconds
        isDownsampled = record.isDownsampled
    }

    /// Where among `count` openings one that stands at `place` is kept: by the digits of its hour.
    static func slot(of bytes: [UInt8], at place: Int, count: Int) -> Int {
        let hour = place + 21
        return hour + 1 < bytes.count ? (Int(bytes[hour] & 15) * 10 + Int(bytes[hour + 1] & 15)) % count : 0
    }
}

// What the fields mean.
extension WindowRecordFields {
    func record(terms known: ObjectiveTerms?) throws(WindowRecordError) -> WindowRecord {
        let terms: ObjectiveTerms
        if let known {
            terms = known
        } else {
            terms = try (termFields ?? ObjectiveTermFields()).terms(sliceLength: slice)
        }
        guard hasGoods else { throw .malformed("good is missing") }
        guard hasTotals else { throw .malformed("total is missing") }
        guard hasSources else { throw .malformed("sources is missing") }
        guard let sources else {
            throw .invalid(field: "sources", value: "incomplete", expected: "files and topics with their ranges")
        }
        let isDownsampled = self.known != nil
        let start = try startTime(terms, isDownsampled: isDownsampled)
        var record = WindowRecord(terms: terms, start: start, slices: [], sources: sources, epoch: epoch, stamp: stamp)
        for gap in gaps { record.gaps.append(try unread(gap)) }
        for name in unmatched {
            guard let part = SelectorParts(name: name) else {
                throw .invalid(field: "unmatched", value: name, expected: "total, good or bad")
            }
            record.unmatched.insert(part)
        }
        if let firstRead, !isDownsampled {
            guard (0..<SliceBlock.slots).contains(firstRead) else {
                throw .invalid(
                    field: "first_read", value: "\(firstRead)", expected: "a slot from 0 to \(SliceBlock.slots - 1)")
            }
            record.firstReadSlot = firstRead
        }
        if !isDownsampled { record.fractions = try slotFractions() }
        let slices = try slices(countMax: isDownsampled ? DownsampledBlock.blocks : SliceBlock.slots)
        if let known = self.known {
            let whole = try judged.cells(slices, known: known, slicesMax: SliceBlock.slots, method: terms.method)
            record.cells =
                try cells?.cells(whole, of: terms.method) ?? DownsampledCells(whole, perBlock: 1)
            record.worst = try worstSlices(terms, start: start)
        } else {
            record.slices = slices
            let first = SliceGrid(lengthNanoseconds: terms.method.sliceNanoseconds).slice(holding: start)
            record.later = try LaterFields.counts(later, firstSlice: first)
        }
        return record
    }

    private func startTime(_ terms: ObjectiveTerms, isDownsampled: Bool) throws(WindowRecordError) -> Timestamp {
        guard let slice else { throw .malformed("slice is missing") }
        guard let start else { throw .malformed("start is missing") }
        let length = terms.method.sliceNanoseconds
        if let opening, opening.start == start, opening.slice == slice, opening.sliceNanoseconds == length,
            opening.isDownsampled == isDownsampled
        {
            return opening.time
        }
        if isDownsampled && length > ObjectiveLedger.downsampledSliceNanosecondsMax {
            throw .invalid(field: "known", value: "there", expected: "none where slices are longer than a minute")
        }
        let counted = DurationText.text(length * (isDownsampled ? Int64(SliceBlock.slots) : 1))
        if slice != counted { throw .invalid(field: "slice", value: slice, expected: counted) }
        guard let time = Timestamp(rfc3339: start) else {
            throw .invalid(field: "start", value: start, expected: "an RFC 3339 time")
        }
        let grid = SliceGrid(lengthNanoseconds: length)
        let count = isDownsampled ? DownsampledBlock.slices : Int64(SliceBlock.slots)
        guard grid.start(of: floorDivided(grid.slice(holding: time), by: count) * count) == time else {
            throw .invalid(field: "start", value: start, expected: "the start of a block of \(count) slices")
        }
        return time
    }

    /// Good, total and late of each slot, which is a slice or the sum of sixty.
    private func slices(countMax: Int) throws(WindowRecordError) -> [SliceCounts] {
        guard goods.count == totals.count, goods.count <= countMax else {
            throw .invalid(
                field: "good", value: "\(goods.count) counts", expected: "as many as total has, at most \(countMax)")
        }
        var slices: [SliceCounts] = []
        slices.reserveCapacity(goods.count)
        for slot in goods.indices { slices.append(SliceCounts(good: goods[slot], total: totals[slot])) }
        guard let late else { throw .malformed("late is missing") }
        for pair in late { slices[try SlotRow.slot("late", pair, 2, of: slices.count)].late = pair[1] }
        if let negative = slices.first(where: \.hasNegative) {
            throw .invalid(field: "total", value: "\(negative)", expected: "counts from 0")
        }
        for sums in signed {
            let slot = try SlotRow.slot("signed", sums, 3, of: slices.count)
            guard !sums[2].subtractingReportingOverflow(sums[1]).overflow else {
                throw .invalid(field: "signed", value: "\(sums)", expected: "sums whose difference has 64 bits")
            }
            slices[slot].good = sums[1]
            slices[slot].total = sums[2]
        }
        return slices
    }

    private func slotFractions() throws(WindowRecordError) -> [SliceBlock.SlotFraction] {
        var last = -1
        var read: [SliceBlock.SlotFraction] = []
        for (slot, rest) in fractions {
            guard slot > last, slot < SliceBlock.slots, rest.isRounded else {
                throw .invalid(
                    field: "fractions", value: "[\(slot),\(rest.good),\(rest.total)]",
                    expected: "slots in order, each with what is left of rounded sums")
            }
            last = slot
            read.append(SliceBlock.SlotFraction(slot: slot, rest: rest))
        }
        return read
    }

    private func worstSlices(
        _ terms: ObjectiveTerms, start: Timestamp
    ) throws(WindowRecordError) -> [SLOReport.WorstSlice] {
        let grid = SliceGrid(lengthNanoseconds: terms.method.sliceNanoseconds)
        let first = grid.slice(holding: start)
        var slices: [SLOReport.WorstSlice] = []
        for slice in worst {
            guard worst.count <= DownsampledBlock.worstMax, slice.good >= 0, slice.total > 0,
                let time = Timestamp(rfc3339: slice.start), grid.start(of: grid.slice(holding: time)) == time,
                (first..<first + DownsampledBlock.slices).contains(grid.slice(holding: time))
            else {
                throw .invalid(
                    field: "worst", value: "\(slice)",
                    expected: "at most \(DownsampledBlock.worstMax) slices of the block, with good and total")
            }
            slices.append(SLOReport.WorstSlice(start: time, good: slice.good, total: slice.total))
        }
        return slices
    }

    private func unread(_ fields: GapFields) throws(WindowRecordError) -> UnreadSpan {
        guard let topic = fields.topic, let partition = fields.partition, let from = fields.from else {
            throw .invalid(field: "gaps", value: "incomplete", expected: "a topic's partition and offsets")
        }
        return UnreadSpan(
            topic: topic, partition: partition, incarnation: fields.incarnation, from: from, to: fields.to)
    }
}
