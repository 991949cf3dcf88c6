import Statistics
import TelemetryModel

extension RollupEngine {
    /// Adds one measure of all lanes to their cells.
    mutating func apply(
        _ step: MeasureStep, _ batch: borrowing EventBatch, _ payload: RawSpan, from first: Int, _ laneCount: Int
    ) {
        let rows = step.filter < 0 ? .max : unsafe passed[step.filter]
        for lane in 0..<laneCount {
            let row = unsafe lanes[lane].row
            if rows >> UInt32(truncatingIfNeeded: row &- first) & 1 == 0 { continue }
            let window = unsafe lanes[lane].window
            let cell = unsafe window.pointee.cell(lanes[lane].cell)
            let words = unsafe (cell + step.offset).assumingMemoryBound(to: UInt64.self)
            if step.operation == .count {
                unsafe words[0] &+= 1
                continue
            }
            let value = batch.value(row, step.slot)
            if !value.isPresent { continue }
            let flags = unsafe cell.assumingMemoryBound(to: UInt64.self)
            switch step.operation {
            case .count:
                break
            case .sum:
                var sum = unsafe ExactSum(words: words[0], words[1], words[2])
                switch value.kind {
                case .integer: sum.add(value.integerValue)
                case .double: sum.add(value.doubleValue)
                default:
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                unsafe (words[0], words[1], words[2]) = sum.words
                unsafe flags[0] |= step.hasValue
            case .min, .max:
                guard let number = RollupEngine.number(value) else {
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                unsafe Extremum.update(words, flags, step, number)
            case .distinct, .distinctExact:
                let bytes = value.isInBytes ? batch.bytes(of: value, in: payload) : RawSpan()
                unsafe insert(value, bytes, into: &window.pointee.distinct, &words[0], step.operation == .distinctExact)
            case .quantile:
                guard let number = RollupEngine.number(value) else {
                    counters.valuesNotNumeric &+= 1
                    continue
                }
                if unsafe words[0] == 0 {
                    unsafe window.pointee.sketches.append(QuantileSketch())
                    unsafe words[0] = UInt64(window.pointee.sketches.count)
                }
                unsafe window.pointee.sketches[Int(words[0]) - 1].insert(number.doubleValue)
            }
        }
    }

    @inline(__always)
    private static func number(_ value: FieldValue) -> Number? {
        switch value.kind {
        case .integer: .integer(value.integerValue)
        case .double: Number(value.doubleValue)
        default: nil
        }
    }

    @unsafe @inline(__always)
    private mutating func insert(
        _ value: FieldValue, _ bytes: RawSpan, into sets: inout DistinctSets, _ word: inout UInt64,
        _ isExact: Bool
    ) {
        switch value.kind {
        case .absent, .null:
            return
        case .integer:
            sets.insert(value.integerValue, into: &word, isExact: isExact)
        case .text, .arenaText, .json, .arenaJSON, .double, .bool:
            let column: KeyColumn
            if value.kind == .double, let whole = Number(value.doubleValue), case .integer(let integer) = whole {
                return sets.insert(integer, into: &word, isExact: isExact)
            } else if value.kind == .double || value.kind == .bool {
                column = unsafe scalarText(value)
            } else {
                // The groups of all lanes have their cells by now, so that the first place is free.
                column = unsafe bytes.withUnsafeBytes { bytes in
                    if bytes.count > ShortenedValues.bytesMax { return unsafe shortened.shorten(bytes, place: 0) }
                    return unsafe KeyColumn(bytes: bytes.baseAddress ?? UnsafeRawPointer(texts), count: bytes.count)
                }
            }
            guard let bytes = unsafe column.bytes else { return }
            unsafe sets.insert(bytes, count: column.count, into: &word, isExact: isExact)
        }
        counters.degradedSets &+= sets.takeDegraded()
    }

    @unsafe
    private func scalarText(_ value: FieldValue) -> KeyColumn {
        if value.kind == .bool {
            let text: StaticString = value.boolValue ? "true" : "false"
            return unsafe KeyColumn(bytes: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
        }
        return unsafe KeyColumn(
            bytes: UnsafeRawPointer(texts), count: Decimal.write(value.doubleValue, to: texts))
    }
}
