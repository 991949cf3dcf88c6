import JSON
import TelemetryModel
import Text

// {"name":"api/1","service":"api","window":"30d","method":"Occurrences","target":0.999,
//  "start":"2026-11-20T10:00:00Z","slice":"1m","good":[60,null,58],"total":[60,null,60],
//  "excluded":[],"late":[[2,5]],"sources":[{"topic":"t","partitions":[[0,1,120],[1,5,99]]}],"version":1}
//
// `sources` lists [partition, first offset, last offset] of each topic, and the incarnation behind them where it is not 0.
// Files stand as {"file":"a.json.gz","first_record":0,"last_record":30}.
//
// `null` is a slice without a record. `late` lists [slot, count] where the count is not 0; `excluded` is
// empty, and is there because 0.1.0 reads no record without. `signed` lists
// [slot, good, total] where one of the two stands below zero, which good and total show as 0; without such, it is left
// out. `unmatched` lists the selectors, "total", "good" or "bad", that matched no record of the block, and `first_read` is
// the slot from which on records were read, where no count tells it; both are left out where there is nothing to say.
// `fractions` lists [slot, good, total] where a sum is no whole number: what it is above or below the one shown, from -1/2 to
// below 1/2, in units of 2^-96. `arrived_later` lists what of good and total arrived when its slice was over, as long as a judgement
// may have to leave it out: see `LaterFields`.
//
// A downsampled block has the length of an hour of slices in `slice`, and beside good and total of each hour
// "known":[60,null,59] (slices with a record), "score":[…] (good slices, or the whole part of the sum of ratios),
// "score_fraction":[…] (of ratios, in 10^-18), "inconsistent":[[2,1]] ([hour, slices] whose good or bad exceeded their
// total; left out without such), "worst":[["2026-11-20T10:07:00Z",10,60]] (start, good, total). Where it holds more than one cell for
// sixty slices, these stand behind that: "cells":{"slice":"15m","total":[15,null,14],"bad":[0,null,2],"known":[15,null,14]}, with
// "score", "score_fraction", "late" and "inconsistent" as for the hours. The hours are their sums, which 0.1.0 reads, and passes
// over the cells.
//
// In version 2 "definition":"1f0c…" stands behind the target, then "adopts":true where counts of before belong to it too, and
// good and total are called "goods" and "totals".

extension WindowRecord {
    /// One JSON object, its keys in a fixed order, without a line's end.
    public var json: [UInt8] { json(in: .first) }

    /// - Parameter form: which of the first two it is says the record itself.
    public func json(in form: RecordForm) -> [UInt8] {
        var bytes: [UInt8] = []
        // About what it takes, because growing takes longer than writing.
        bytes.reserveCapacity(512 + 8 * slices.count + 20 * later.count)
        var json = JSONWriter(appendingTo: bytes)
        json.beginObject()
        terms.write(to: &json)
        json.member("start", start.description)
        json.member("slice", DurationText.text(countNanoseconds))
        if let cells { write(cells, to: &json) } else { write(slices, to: &json) }
        json.write(sources: sources)
        json.write(gaps: gaps)
        if let epoch { json.member("epoch", epoch) }
        if let stamp { json.member("stamp", stamp) }
        if !unmatched.isEmpty {
            json.key("unmatched")
            json.beginArray()
            for name in unmatched.names { json.string(name) }
            json.endArray()
        }
        if let firstReadSlot { json.member("first_read", firstReadSlot) }
        if !fractions.isEmpty { json.fractions(fractions.map { ($0.slot, $0.rest) }) }
        if let first = later.first {
            let slots = Int64(SliceBlock.slots)
            LaterFields.write(later, firstSlice: floorDivided(first.slice, by: slots) * slots, to: &json)
        }
        json.recordVersion(max(form.ofUndefined, own))
        json.endObject()
        return json.bytes
    }

    /// A record that says by which definition was counted is of the second version.
    private var own: RecordForm { terms.definition == nil ? .first : .definitions }

    /// Where definitions are told the counts have other names, so that a program of before doesn't take them for those of its
    /// own definition.
    private var names: (good: String, total: String) {
        own == .first ? ("good", "total") : ("goods", "totals")
    }

    private func write(_ slices: [SliceCounts], to json: inout JSONWriter) {
        json.counts(names.good, slices) { $0.good == 0 && $0.total == 0 ? nil : max(0, $0.good) }
        json.counts(names.total, slices) { $0.good == 0 && $0.total == 0 ? nil : max(0, $0.total) }
        json.empty("excluded")
        json.sparse("late", slices) { $0.late }
        json.signed(slices.enumerated().map { ($0, $1.good, $1.total) })
    }

    private func write(_ block: DownsampledCells, to json: inout JSONWriter) {
        let cells = block.whole
        json.counts(names.good, cells) { $0.known == 0 ? nil : max(0, $0.counts.good) }
        json.counts(names.total, cells) { $0.known == 0 ? nil : max(0, $0.counts.total) }
        json.empty("excluded")
        json.sparse("late", cells) { $0.counts.late }
        json.signed(
            cells.enumerated().map { ($0, $1.counts.good, $1.counts.total) }, isHidden: { cells[$0].known == 0 })
        writeJudged(cells, to: &json)
        json.key("worst")
        json.beginArray()
        for slice in worst {
            json.beginArray()
            json.time(slice.start)
            json.integer(slice.good)
            json.integer(slice.total)
            json.endArray()
        }
        json.endArray()
        if block.perBlock > 1 { writeEach(of: block, to: &json) }
    }

    private func writeEach(of block: DownsampledCells, to json: inout JSONWriter) {
        let cells = block.cells
        json.key("cells")
        json.beginObject()
        json.member("slice", DurationText.text(countNanoseconds / Int64(block.perBlock)))
        func bad(_ counts: SliceCounts) -> Int64 { counts.total.saturatingSubtracting(counts.good) }
        json.counts("total", cells) { $0.counts.total == 0 ? nil : $0.counts.total }
        json.counts("bad", cells) { $0.counts.total == 0 && bad($0.counts) == 0 ? nil : bad($0.counts) }
        if cells.contains(where: { $0.counts.late != 0 }) { json.sparse("late", cells) { $0.counts.late } }
        writeJudged(cells, to: &json)
        json.endObject()
    }

    /// How slices were judged.
    private func writeJudged(_ cells: [DownsampledCell], to json: inout JSONWriter) {
        json.counts("known", cells) { $0.known == 0 ? nil : $0.known }
        if case .occurrences = terms.method {
        } else {
            json.counts("score", cells) { $0.known == 0 ? nil : $0.score }
        }
        if case .ratioTimeslices = terms.method {
            json.counts("score_fraction", cells) { $0.known == 0 ? nil : $0.scoreFraction }
        }
        if cells.contains(where: { $0.inconsistent != 0 }) { json.sparse("inconsistent", cells) { $0.inconsistent } }
    }
}

extension JSONWriter {
    /// [slot, good, total] of each.
    public mutating func fractions(_ fractions: [(slot: Int, rest: SliceFraction)]) {
        key("fractions")
        beginArray()
        for (slot, rest) in fractions {
            beginArray()
            integer(slot)
            integer(rest.good)
            integer(rest.total)
            endArray()
        }
        endArray()
    }

    fileprivate mutating func counts<Element>(_ name: String, _ elements: [Element], _ count: (Element) -> Int64?) {
        key(name)
        value { bytes in
            bytes.append(addingCapacity: 2 + elements.count * (Int64.decimalBytesMax + 1)) { row in
                row.append(UInt8(ascii: "["))
                for place in elements.indices {
                    if place > 0 { row.append(UInt8(ascii: ",")) }
                    if let count = count(elements[place]) {
                        row.append(decimal: count)
                    } else {
                        for byte in "null".utf8 { row.append(byte) }
                    }
                }
                row.append(UInt8(ascii: "]"))
            }
        }
    }

    fileprivate mutating func empty(_ name: String) {
        key(name)
        beginArray()
        endArray()
    }

    fileprivate mutating func sparse<Element>(_ name: String, _ elements: [Element], _ count: (Element) -> Int64) {
        key(name)
        beginArray()
        for (slot, element) in elements.enumerated() where count(element) != 0 {
            beginArray()
            integer(slot)
            integer(count(element))
            endArray()
        }
        endArray()
    }

    /// What good and total cannot show: sums below zero, and those of an hour in which no slice is known.
    fileprivate mutating func signed(
        _ sums: [(slot: Int, good: Int64, total: Int64)], isHidden: (Int) -> Bool = { _ in false }
    ) {
        let sums = sums.filter { min($1, $2) < 0 || isHidden($0) && ($1 != 0 || $2 != 0) }
        if sums.isEmpty { return }
        key("signed")
        beginArray()
        for (slot, good, total) in sums {
            beginArray()
            integer(slot)
            integer(good)
            integer(total)
            endArray()
        }
        endArray()
    }

    /// Partitions of one topic that follow each other share its name, which would else be half of a record.
    fileprivate mutating func write(sources: [SourceSpan]) {
        key("sources")
        beginArray()
        var open: String?
        for span in sources {
            guard case .kafka(let topic, let partition, let incarnation) = span.source else {
                endPartitions(of: &open)
                span.write(to: &self)
                continue
            }
            if open != topic {
                endPartitions(of: &open)
                beginObject()
                member("topic", topic)
                key("partitions")
                beginArray()
                open = topic
            }
            beginArray()
            integer(partition)
            integer(span.first)
            integer(span.last)
            if incarnation != 0 { integer(incarnation) }
            endArray()
        }
        endPartitions(of: &open)
        endArray()
    }

    private mutating func endPartitions(of topic: inout String?) {
        if topic == nil { return }
        endArray()
        endObject()
        topic = nil
    }

    /// Left out where there are none.
    package mutating func write(gaps: [UnreadSpan]) {
        if gaps.isEmpty { return }
        key("gaps")
        beginArray()
        for gap in gaps {
            beginObject()
            member("topic", gap.topic)
            member("partition", gap.partition)
            if gap.incarnation != 0 { member("incarnation", gap.incarnation) }
            member("from_offset", gap.from)
            key("to_offset")
            if let to = gap.to { integer(to) } else { null() }
            endObject()
        }
        endArray()
    }
}
