import Aggregation
import Counting
import Files
import Foundation
import JSON
import TelemetryModel

/// Windows of one rollup that a replay has counted and no more room for, in a file beside the results.
///
/// Each time the engine is emptied its cells are a run of lines in the order of windows. At the end the runs are read side
/// by side, and the cells of a window that stands in several are added up. So memory does not grow with the length of the
/// history, and the order of the files changes nothing.
final class RollupSpill {
    /// Open windows from which on the engine is emptied: of an almost empty one about 300 bytes.
    static let windowsMax = 50_000

    private let folder: ScratchFolder
    private let name: String
    private let plan: CompiledRollup
    private var file: FileWriter?
    private var path: String { "\(folder.path)/\(name).cells" }
    private var runs: [Range<UInt64>] = []
    /// What was folded, or became an estimate, when cells of several runs were added up.
    private(set) var counters = RollupCounters()
    private var written: UInt64 = 0

    init(_ plan: CompiledRollup, in folder: ScratchFolder) {
        self.plan = plan
        self.folder = folder
        name = plan.definition.name
    }

    var isEmpty: Bool { runs.isEmpty }

    /// Takes the cells of an engine one by one, in the order of windows, from what hands them over.
    func take(
        _ handOver: ((RollupChange) throws(OutputFailure) -> Void) throws(OutputFailure) -> Void
    ) throws(OutputFailure) {
        let start = written
        var json = JSONWriter()
        try handOver { cell throws(OutputFailure) in
            if file == nil { file = try FileWriter(path: path) }
            json.removeAll()
            cell.write(to: &json)
            try file?.writeLine(json.bytes)
            written += UInt64(json.bytes.count + 1)
        }
        if written > start { runs.append(start..<written) }
    }

    /// Hands over all windows of an engine and of what it was emptied of, in their order. Groups keep their numbers from
    /// window to window as long as nothing was spilled.
    static func forEachWindow(of box: EngineBox, _ spill: RollupSpill, _ body: (RollupWindow) throws -> Void) throws {
        if !spill.isEmpty {
            try spill.take { cell throws(OutputFailure) in try box.engine.takeAll(cell) }
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
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw OutputFailure("\(path): the file can't be read back")
        }
        // The run with the earliest window is the last.
        var readers: [RollupRun] = []
        for bytes in runs { insert(try RollupRun(handle, path: path, bytes: bytes), into: &readers) }
        var engine = RollupEngine(plan)
        while let start = readers.last?.next?.windowStart {
            while var reader = readers.popLast() {
                guard reader.next?.windowStart == start else {
                    readers.append(reader)
                    break
                }
                while let cell = reader.next, cell.windowStart == start {
                    guard engine.restore(cell) else { throw OutputFailure("\(path): a cell can't be read back") }
                    try reader.advance()
                }
                insert(reader, into: &readers)
            }
            if let window = engine.takeWindow(start) { try body(window) }
        }
        counters = engine.counters
    }

    /// Keeps the readers in the order of their next windows, the latest first; one at its end is let go. Of equal ones the
    /// earlier run is nearer to the end of the list, so that cells are added up in the order in which they were spilled.
    private func insert(_ reader: RollupRun, into readers: inout [RollupRun]) {
        guard let start = reader.next?.windowStart else { return }
        var (low, high) = (0, readers.count)
        while low < high {
            let middle = (low + high) / 2
            let other = readers[middle]
            let isBefore = other.next.map { ($0.windowStart, other.first) > (start, reader.first) } ?? false
            if isBefore { low = middle + 1 } else { high = middle }
        }
        readers.insert(reader, at: low)
    }
}

/// One run of cells, read line by line. All runs share a handle: a long history has more of them than a process may open files.
private struct RollupRun {
    private static let chunkBytes = 16 * 1024

    private let path: String
    private let handle: FileHandle
    private var place: UInt64
    private let end: UInt64
    private var buffer: [UInt8] = []
    private var lineStart = 0
    /// Where the run begins.
    let first: UInt64
    /// The next cell; `nil` at the end.
    private(set) var next: RollupChange?

    init(_ handle: FileHandle, path: String, bytes: Range<UInt64>) throws {
        self.path = path
        self.handle = handle
        first = bytes.lowerBound
        place = bytes.lowerBound
        end = bytes.upperBound
        try advance()
    }

    mutating func advance() throws {
        var newline = buffer[lineStart...].firstIndex(of: 0x0A)
        while newline == nil, place < end {
            try handle.seek(toOffset: place)
            let count = Int(min(UInt64(RollupRun.chunkBytes), end - place))
            guard let chunk = try handle.read(upToCount: count), !chunk.isEmpty else {
                throw OutputFailure("\(path): the file ends too soon")
            }
            place += UInt64(chunk.count)
            buffer.removeFirst(lineStart)
            lineStart = 0
            let searched = buffer.count
            buffer += chunk
            newline = buffer[searched...].firstIndex(of: 0x0A)
        }
        guard let newline else {
            next = nil
            return
        }
        var cursor = JSONCursor(Array(buffer[lineStart..<newline]))
        next = try RollupChange(reading: &cursor)
        lineStart = newline + 1
    }
}
