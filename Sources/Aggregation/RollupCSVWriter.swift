import Statistics
import TelemetryModel

/// Writes windows as CSV (RFC 4180, lines ended by LF): `window_start` in epoch seconds, the group columns, the measures.
///
/// A group value that is absent and a measure without a value are empty cells; a group value that is the empty text is
/// `""`. A sum out of range is `NaN`. Whole numbers have no fraction, other doubles are the shortest text that reads back
/// as the same.
///
/// A group's text is quoted once and kept for the next window, up to `cacheBytesMax`. No allocation per row. One thread.
@safe
public struct RollupCSVWriter: ~Copyable {
    /// Bytes gathered before `sink` is called.
    public static let flushBytes = 1 << 18
    static let cacheBytesMax = 32 << 20

    private var output = RawStorage(byteCount: RollupCSVWriter.flushBytes * 2)
    private var outputCount = 0
    /// The quoted text of group columns, each after a comma.
    private var cache = RawStorage(byteCount: 0)
    private var cacheCount = 0
    /// Place and length in `cache` by group number; 0 for what is not there.
    private var cached: [UInt64] = []
    private var cachedKeys: SeriesKeys?

    public init() {}

    /// The header line of a rollup's file.
    public static func header(_ plan: RollupPlan) -> [UInt8] {
        var line = [UInt8]("window_start".utf8)
        for name in plan.groupColumns + plan.measureNames {
            line.append(0x2C)
            if name.utf8.contains(where: isSpecial) {
                line.append(0x22)
                for byte in name.utf8 {
                    if byte == 0x22 { line.append(0x22) }
                    line.append(byte)
                }
                line.append(0x22)
            } else {
                line.append(contentsOf: name.utf8)
            }
        }
        line.append(0x0A)
        return line
    }

    /// Writes the rows of a window, calling `sink` with what has gathered, several times if there is much. What is left
    /// below `flushBytes` waits for the next window or `finish`.
    public mutating func write<Failure: Error>(
        _ window: RollupWindow, to sink: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        if cachedKeys !== window.keys {
            cachedKeys = window.keys
            cached = []
            cacheCount = 0
        }
        if cached.count < window.keys.count {
            cached += [UInt64](repeating: 0, count: window.keys.count - cached.count)
        }
        let reader = CellReader(plan: window.plan, cells: window.cells)
        let quantiles = window.plan.quantiles
        let numbersBytesMax = (window.plan.steps.count + 1) * (RollupCSVWriter.numberBytesMax + 1) + 1
        for cell in window.order {
            let cell = Int(cell)
            output.grow(toHold: outputCount + numbersBytesMax)
            outputCount += unsafe Decimal.write(window.start.seconds, to: output.base + outputCount)
            writeGroup(unsafe window.cells.table.pointee.series(cell), window.keys)
            output.grow(toHold: outputCount + numbersBytesMax)
            for index in window.plan.steps.indices {
                append(0x2C)
                write(reader.value(window.plan.steps[index], quantile: quantiles[index], cell: cell))
            }
            append(0x0A)
            if outputCount >= RollupCSVWriter.flushBytes { try flush(to: sink) }
        }
    }

    /// Hands over what is left.
    public mutating func finish<Failure: Error>(to sink: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        if outputCount > 0 { try flush(to: sink) }
    }

    private mutating func flush<Failure: Error>(to sink: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        let count = outputCount
        outputCount = 0
        let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: output.base, count: count))
        try sink(span)
    }

    // MARK: Cells

    /// Room must have been made.
    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        unsafe output.base.storeBytes(of: byte, toByteOffset: outputCount, as: UInt8.self)
        outputCount &+= 1
    }

    /// A 128-bit integer has up to 40 characters.
    private static let numberBytesMax = 40

    @inline(__always)
    private mutating func write(_ value: MeasureValue) {
        let target = unsafe output.base + outputCount
        switch value {
        case .none:
            break
        case .integer(let value):
            if let value = Int64(exactly: value) {
                outputCount += unsafe Decimal.write(value, to: target)
            } else {
                write(value.description)
            }
        case .double(let value):
            outputCount += unsafe Decimal.write(value, to: target)
        case .estimate(let value):
            outputCount += unsafe Decimal.write(value, to: target)
        case .overflow:
            write("NaN")
        }
    }

    private mutating func write(_ text: String) {
        for byte in text.utf8.prefix(RollupCSVWriter.numberBytesMax) { append(byte) }
    }

    private mutating func writeGroup(_ series: Int, _ keys: SeriesKeys) {
        var entry = cached[series]
        if entry == 0 {
            if cacheCount >= RollupCSVWriter.cacheBytesMax {
                output.grow(toHold: outputCount + RollupCSVWriter.textBytesMax(series, keys))
                outputCount += unsafe RollupCSVWriter.render(series, keys, to: output.base + outputCount)
                return
            }
            cache.grow(toHold: cacheCount + RollupCSVWriter.textBytesMax(series, keys))
            let count = unsafe RollupCSVWriter.render(series, keys, to: cache.base + cacheCount)
            // The upper half is the place plus one, so that even an empty text differs from none.
            entry = UInt64(cacheCount + 1) << 32 | UInt64(count)
            cached[series] = entry
            cacheCount += count
        }
        let count = Int(entry & 0xFFFF_FFFF)
        let place = Int(entry >> 32) - 1
        output.grow(toHold: outputCount + count)
        unsafe (output.base + outputCount).copyMemory(from: cache.base + place, byteCount: count)
        outputCount += count
    }

    /// A comma, quotes and each byte twice.
    private static func textBytesMax(_ series: Int, _ keys: SeriesKeys) -> Int {
        unsafe keys.withColumns(series) { columns in
            unsafe columns.reduce(0) { $0 + max(0, $1.count) * 2 + 3 }
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == 0x22 || byte == 0x2C || byte == 0x0A || byte == 0x0D
    }

    /// Writes the group columns, each after a comma, and returns how many bytes that took.
    @unsafe
    private static func render(_ series: Int, _ keys: SeriesKeys, to target: UnsafeMutableRawPointer) -> Int {
        unsafe keys.withColumns(series) { columns in
            var place = 0
            func put(_ byte: UInt8) {
                unsafe target.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
                place += 1
            }
            for index in columns.indices {
                let column = unsafe columns[index]
                put(0x2C)
                guard let bytes = unsafe column.bytes, !column.isAbsent else { continue }
                let text = unsafe UnsafeRawBufferPointer(start: bytes, count: column.count)
                guard unsafe text.isEmpty || text.contains(where: isSpecial) else {
                    unsafe (target + place).copyMemory(from: bytes, byteCount: column.count)
                    place += column.count
                    continue
                }
                put(0x22)
                for place in text.indices {
                    let byte = unsafe text[place]
                    if byte == 0x22 { put(0x22) }
                    put(byte)
                }
                put(0x22)
            }
            return place
        }
    }
}
