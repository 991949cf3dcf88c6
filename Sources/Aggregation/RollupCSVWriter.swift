import Statistics
import TelemetryModel
import Text

/// Writes windows as CSV (RFC 4180, lines ended by LF): `window_start` in epoch seconds, the group columns, the measures.
///
/// A group value that is absent and a measure without a value are empty cells; a group value is a cell that no spreadsheet computes
/// (``Inert/csv(_:)``), the empty text `""`. A sum out of range is `NaN`. Whole numbers have no fraction, other doubles are the shortest text that reads back
/// as the same.
///
/// A group's cells are made once and kept for the next window, up to `cacheBytesMax`. No allocation per row. One thread.
@safe
public struct RollupCSVWriter: ~Copyable {
    /// Bytes gathered before `sink` is called.
    public static let flushBytes = 1 << 18
    static let cacheBytesMax = 32 << 20

    private var output = RawStorage(byteCount: RollupCSVWriter.flushBytes * 2)
    private var outputCount = 0
    /// The cells of group columns, each after a comma.
    private var cache = RawStorage(byteCount: 0)
    private var cacheCount = 0
    /// Place and length in `cache` by group number; 0 for what is not there.
    private var cached: [UInt64] = []
    /// Weak: keys of windows that came from elsewhere go with them.
    private weak var cachedKeys: SeriesKeys?

    public init() {}

    /// The header line of a rollup's file.
    public static func header(_ plan: CompiledRollup) -> [UInt8] {
        var line = [UInt8]("window_start".utf8)
        for name in plan.groupColumns + plan.measureNames {
            line.append(0x2C)
            line.append(contentsOf: Inert.csv(name).utf8)
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
        let start = Array(String(window.start.seconds).utf8)
        let (steps, keys, cells) = (window.plan.steps, window.keys, window.cells)
        try window.forEachCell { (_, cell) throws(Failure) in
            output.grow(toHold: outputCount + numbersBytesMax)
            for byte in start { append(byte) }
            writeGroup(unsafe cells.table.pointee.series(cell), keys)
            output.grow(toHold: outputCount + numbersBytesMax)
            for index in steps.indices {
                append(0x2C)
                write(reader.value(steps[index], quantile: quantiles[index], cell: cell))
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
                return RollupCSVWriter.render(series, keys, to: &output, at: &outputCount)
            }
            let start = cacheCount
            RollupCSVWriter.render(series, keys, to: &cache, at: &cacheCount)
            // The upper half is the place plus one, so that even an empty text differs from none.
            entry = UInt64(start + 1) << 32 | UInt64(cacheCount - start)
            cached[series] = entry
        }
        let count = Int(entry & 0xFFFF_FFFF)
        let place = Int(entry >> 32) - 1
        output.grow(toHold: outputCount + count)
        unsafe (output.base + outputCount).copyMemory(from: cache.base + place, byteCount: count)
        outputCount += count
    }

    /// Writes the group columns, each after a comma, behind `end`.
    private static func render(_ series: Int, _ keys: SeriesKeys, to target: inout RawStorage, at end: inout Int) {
        unsafe keys.withColumns(series) { columns in
            for index in columns.indices {
                let column = unsafe columns[index]
                let count = column.isAbsent ? 0 : column.count
                target.grow(toHold: end + 1 + count)
                unsafe target.base.storeBytes(of: 0x2C, toByteOffset: end, as: UInt8.self)
                end += 1
                guard let bytes = unsafe column.bytes, !column.isAbsent else { continue }
                let text = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
                if unsafe Inert.isPlainCell(text) {
                    unsafe (target.base + end).copyMemory(from: bytes, byteCount: count)
                    end += count
                    continue
                }
                let cell = unsafe Array(Inert.csv(String(decoding: text, as: UTF8.self)).utf8)
                target.grow(toHold: end + cell.count)
                unsafe cell.withUnsafeBytes {
                    unsafe (target.base + end).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
                }
                end += cell.count
            }
        }
    }
}
