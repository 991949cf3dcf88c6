import JSON
import Text

/// A row of the member `arrived_later` in a window record, before anything is believed: [slot, arrival, lateness, good, total], the arrival in
/// slices behind the slot's, and behind them what sums are beside whole numbers, where they are.
struct LaterFields {
    /// Of a row's five numbers, with what is around them.
    private static let bytesMax = 5 * (Int64.decimalBytesMax + 1) + 2

    private let numbers: [Int64]
    private let rest: SliceFraction

    static func write(_ later: LaterArrivals, firstSlice: Int64, to json: inout JSONWriter) {
        if later.isEmpty { return }
        json.key("arrived_later")
        // Row by row at once: there may be more of these than of all other numbers of a record.
        json.value { bytes in
            var before = UInt8(ascii: "[")
            for place in later.indices {
                let counts = later[place]
                let slice = counts.slice
                bytes.append(addingCapacity: LaterFields.bytesMax) { row in
                    row.append(before)
                    row.append(UInt8(ascii: "["))
                    row.append(decimal: slice - firstSlice)
                    row.append(UInt8(ascii: ","))
                    row.append(decimal: counts.arrival - slice)
                    row.append(UInt8(ascii: ","))
                    row.append(decimal: counts.lateness)
                    row.append(UInt8(ascii: ","))
                    row.append(decimal: counts.counts.good)
                    row.append(UInt8(ascii: ","))
                    row.append(decimal: counts.counts.total)
                    if counts.rest.isZero { row.append(UInt8(ascii: "]")) }
                }
                if !counts.rest.isZero {
                    bytes.append(contentsOf: ",\(counts.rest.good),\(counts.rest.total)]".utf8)
                }
                before = UInt8(ascii: ",")
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }

    static func rows(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [LaterFields] {
        var rows: [LaterFields] = []
        try cursor.beginArray()
        while try cursor.nextElement() {
            var numbers: [Int64] = []
            var parts: [Int128] = []
            try cursor.beginArray()
            while try cursor.nextElement() {
                if numbers.count < 5 {
                    numbers.append(try cursor.integer())
                } else {
                    parts.append(try cursor.integer())
                }
            }
            guard numbers.count == 5, parts.isEmpty || parts.count == 2 else {
                throw cursor.refusal("a slot, its arrival and lateness, good and total")
            }
            let rest = parts.isEmpty ? SliceFraction() : SliceFraction(good: parts[0], total: parts[1])
            rows.append(LaterFields(numbers: numbers, rest: rest))
        }
        return rows
    }

    static func counts(_ rows: [LaterFields], firstSlice: Int64) throws(WindowRecordError) -> LaterArrivals {
        var counts = LaterArrivals()
        for row in rows {
            let (slot, arrival, lateness) = (row.numbers[0], row.numbers[1], row.numbers[2])
            // A lateness of centuries would be no number of slices that can be added up.
            guard slot >= 0, slot < SliceBlock.slots, arrival > 0, arrival < 1 << 40, (0..<1 << 40).contains(lateness),
                row.rest.isRounded
            else { throw refusal(of: row) }
            let own = LaterCounts(
                slice: firstSlice + slot, arrival: firstSlice + slot + arrival, lateness: lateness,
                counts: SliceCounts(good: row.numbers[3], total: row.numbers[4]), rest: row.rest)
            if let last = counts.last, !LaterCounts.comesBefore(last, own) { throw refusal(of: row) }
            counts.append(own)
        }
        return counts
    }

    private static func refusal(of row: LaterFields) -> WindowRecordError {
        .invalid(
            field: "arrived_later", value: "\(row.numbers)",
            expected: "slots in order, each with an arrival behind it, a lateness, good and total")
    }
}
