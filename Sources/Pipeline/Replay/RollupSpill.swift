import Aggregation
import Foundation
import TelemetryModel

/// Windows of one rollup that a replay has counted and no more room for, in a file beside the results.
///
/// Each time the engine is emptied its cells are a run of lines in the order of windows. At the end the runs are read side
/// by side, and the cells of a window that stands in several are added up. So memory does not grow with the length of the
/// history, and the order of the files changes nothing.
final class RollupSpill {
    /// Open windows from which on the engine is emptied: of an almost empty one about 300 bytes.
    static let windowsMax = 50_000

    private let folder: OutputFolder
    private let name: String
    private let plan: RollupPlan
    private var file: FileWriter?
    private var path: String { "\(folder.scratch)/\(name).cells" }
    private var runs: [Range<UInt64>] = []
    /// What was folded, or became an estimate, when cells of several runs were added up.
    private(set) var counters = RollupCounters()
    private var written: UInt64 = 0

    init(_ plan: RollupPlan, in folder: OutputFolder) {
        self.plan = plan
        self.folder = folder
        name = plan.definition.name
    }

    var isEmpty: Bool { runs.isEmpty }

    /// Takes the cells of an engine, in the order of windows.
    func take(_ cells: [RollupChange]) throws(ReplayFailure) {
        if cells.isEmpty { return }
        if file == nil { file = try FileWriter(path: path) }
        guard let file else { return }
        let start = written
        var json = JSONWriter()
        for cell in cells {
            json.removeAll()
            cell.write(to: &json)
            try file.writeLine(json.bytes)
            written += UInt64(json.bytes.count + 1)
        }
        runs.append(start..<written)
    }

    /// Hands over all windows of an engine and of what it was emptied of, in their order. Groups keep their numbers from
    /// window to window as long as nothing was spilled.
    static func forEachWindow(of box: EngineBox, _ spill: RollupSpill?, _ body: (RollupWindow) throws -> Void) throws {
        if let spill, !spill.isEmpty {
            try spill.take(box.engine.takeAll())
            return try spill.forEachWindow(body)
        }
        for start in box.engine.windowStarts {
            // Not taken: with a window taken, keys that no other window uses may go, and groups get other numbers.
            if let window = box.engine.peekWindow(start) { try body(window) }
        }
    }

    /// Hands over the windows in their order, and removes the file.
    private func forEachWindow(_ body: (RollupWindow) throws -> Void) throws {
        guard let file else { return }
        try file.close()
        self.file = nil
        defer { try? FileManager.default.removeItem(atPath: path) }
        var readers = try runs.map { try RollupRun(path: path, bytes: $0) }
        var engine = RollupEngine(plan)
        while let start = readers.compactMap({ $0.next?.windowStart }).min() {
            for index in readers.indices {
                while let cell = readers[index].next, cell.windowStart == start {
                    guard engine.restore(cell) else { throw ReplayFailure("\(path): a cell can't be read back") }
                    try readers[index].advance()
                }
            }
            if let window = engine.takeWindow(start) { try body(window) }
        }
        counters = engine.counters
    }
}

/// One run of cells, read line by line.
private struct RollupRun {
    private static let chunkBytes = 16 * 1024

    private let path: String
    private let handle: FileHandle
    private var place: UInt64
    private let end: UInt64
    private var buffer: [UInt8] = []
    private var first = 0
    /// The next cell; `nil` at the end.
    private(set) var next: RollupChange?

    init(path: String, bytes: Range<UInt64>) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ReplayFailure("\(path): the file can't be read back")
        }
        self.path = path
        self.handle = handle
        place = bytes.lowerBound
        end = bytes.upperBound
        try advance()
    }

    mutating func advance() throws {
        var newline = buffer[first...].firstIndex(of: 0x0A)
        while newline == nil, place < end {
            try handle.seek(toOffset: place)
            let count = Int(min(UInt64(RollupRun.chunkBytes), end - place))
            guard let chunk = try handle.read(upToCount: count), !chunk.isEmpty else {
                throw ReplayFailure("\(path): the file ends too soon")
            }
            place += UInt64(chunk.count)
            buffer.removeFirst(first)
            first = 0
            let searched = buffer.count
            buffer += chunk
            newline = buffer[searched...].firstIndex(of: 0x0A)
        }
        guard let newline else {
            next = nil
            return
        }
        var cursor = JSONCursor(Array(buffer[first..<newline]))
        next = try RollupChange(reading: &cursor)
        first = newline + 1
    }
}
