import Accounting
import TelemetryModel

/// Where counts lie in time, in seconds.
enum SliceTime {
    static let sliceSeconds = 60
    /// Events older than this against their partition's watermark are late.
    static let horizonSeconds = 600
    /// How long windows wait for stragglers.
    static let latenessSeconds = 120

    static func time(_ seconds: Int) -> Timestamp {
        Timestamp(nanoseconds: Int64(seconds) * Timestamp.nanosecondsPerSecond)
    }

    static func seconds(_ time: Timestamp) -> Int { Int(time.seconds) }

    /// Even cells count a slice's events, odd ones those that came too late while it held the watermark.
    static func cell(slice: Int, isLate: Bool) -> Int { slice * 2 + (isLate ? 1 : 0) }
}

/// What an update adds: counts by cell, in the order of first use.
struct Amounts: Sendable, Equatable {
    struct Cell: Sendable, Equatable {
        let cell: Int
        var count: Int32
    }

    private(set) var cells: [Cell] = []

    var isEmpty: Bool { cells.isEmpty }

    mutating func add(_ count: Int32, to cell: Int) {
        if let index = cells.firstIndex(where: { $0.cell == cell }) {
            cells[index].count += count
        } else {
            cells.append(Cell(cell: cell, count: count))
        }
    }

    mutating func add(_ other: Amounts) {
        for cell in other.cells { add(cell.count, to: cell.cell) }
    }

    /// The same amounts in `count` heaps.
    func parts(_ count: Int) -> [Amounts] {
        var parts = [Amounts](repeating: Amounts(), count: count)
        for (index, cell) in cells.enumerated() { parts[index % count].cells.append(cell) }
        return parts
    }

    var total: Int { cells.reduce(0) { $0 + Int($1.count) } }
    var sorted: [Cell] { cells.sorted { $0.cell < $1.cell } }
}

/// Four slices' cells: what one window record holds.
struct Block {
    static let cells = 8
    var counts = SIMD8<Int32>(repeating: 0)
    /// Entries of the log up to it are in the counts since the block was restored.
    var stamp: Int64 = -1
    /// The first entry of the log that is in no record sent.
    var dirtySince: Int64?
    /// The first entry that is in no record acknowledged, while one is on its way.
    var inFlightSince: Int64?
}

/// A state in which the order of what it is fed matters, over windows of its own length.
struct Monitor: Equatable {
    let windowSlices: Int
    /// The next window to be fed: what came before is in the state.
    var nextWindow = 0
    var average: Int32 = 0
    var isFiring = false
    /// Transitions so far: the number of the last one in the feed.
    var sequence = 0

    /// Feeds the next window; a transition when the alert opens or resolves.
    mutating func feed(_ value: Int32) -> Alert? {
        let scaled = value &* 16
        let exceeds = isFiring ? scaled > average : scaled > average &* 5 / 4
        average = (average &* 3 &+ scaled) / 4
        nextWindow += 1
        if exceeds == isFiring { return nil }
        isFiring = exceeds
        sequence += 1
        return Alert(monitor: windowSlices, sequence: sequence, window: nextWindow - 1, isOpen: exceeds)
    }
}

/// One transition in the feed. Its monitor is the dedup key; monitor and sequence are its identity.
struct Alert: Equatable {
    let monitor: Int
    let sequence: Int
    let window: Int
    let isOpen: Bool
}

/// What the simulation makes of a shard: blocks of counts, two monitors, their alerts.
struct LedgerContent: ShardContent {
    var blocks: [Int: Block] = [:]
    var monitors = [Monitor(windowSlices: 1), Monitor(windowSlices: 2)]
    /// By monitor: the first entry that changed it and is in no record sent.
    var monitorsDirtySince: [Int64?] = [nil, nil]
    /// By monitor: the first entry that changed it and is in no record acknowledged, while one is on its way.
    var monitorsInFlightSince: [Int64?] = [nil, nil]
    /// Not sent yet.
    var alerts: [Alert] = []
    /// The last transition of each monitor in the restored feed.
    var restoredSequence = [0, 0]
    /// The entry that is being read.
    var offset: Int64 = 0
    var closedSeconds: Int?
    /// Blocks that changed since it was emptied, for the undisturbed run.
    var touched: [Int] = []
    var ignoresUnpublished = false

    mutating func add(_ parts: [Amounts], from update: UpdateOrigin, at offset: Int64) {
        for cell in parts.flatMap(\.cells) {
            let number = cell.cell / Block.cells
            var block = blocks[number] ?? Block()
            if offset <= block.stamp { continue }
            block.counts[cell.cell % Block.cells] &+= cell.count
            if block.dirtySince == nil { block.dirtySince = offset }
            blocks[number] = block
            touched.append(number)
        }
    }

    mutating func close(before time: Timestamp) {
        let end = SliceTime.seconds(time)
        closedSeconds = end
        for index in monitors.indices {
            let length = monitors[index].windowSlices
            while (monitors[index].nextWindow + 1) * length * SliceTime.sliceSeconds <= end {
                var value: Int32 = 0
                let first = monitors[index].nextWindow * length
                for slice in first..<first + length {
                    let cell = SliceTime.cell(slice: slice, isLate: false)
                    value &+= blocks[cell / Block.cells]?.counts[cell % Block.cells] ?? 0
                }
                if monitorsDirtySince[index] == nil { monitorsDirtySince[index] = offset }
                if let alert = monitors[index].feed(value), alert.sequence > restoredSequence[index] {
                    alerts.append(alert)
                }
            }
        }
    }

    var unpublishedSince: Int64? {
        if ignoresUnpublished { return nil }
        var first: Int64?
        func take(_ offset: Int64?) {
            if let offset { first = min(first ?? offset, offset) }
        }
        for block in blocks.values {
            take(block.dirtySince)
            take(block.inFlightSince)
        }
        for index in monitors.indices {
            take(monitorsDirtySince[index])
            take(monitorsInFlightSince[index])
        }
        return first
    }
}
