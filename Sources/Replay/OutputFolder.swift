import Counting
import Files
import Foundation
import Planning
import TelemetryModel

/// The folder that a replay writes: a file for each output, made when the replay starts so that an output without
/// records is an empty file and not a missing one.
///
/// Results appear together, when all of them are whole: until then they stand in a hidden folder below, which a replay
/// that fails takes away, and what an earlier one wrote stays as it was.
final class OutputFolder: RecordSink {
    private static let partialName = ".partial"

    private let path: String
    private let partial: String
    /// Locked while results are written, so that no other replay mixes its own with them.
    private let lock: FileHandle
    private var isComplete = false
    private var audits: FileWriter?
    private var deadLetters: FileWriter?
    /// What went wrong first while records were written; thrown at the next chance.
    private(set) var failure: OutputFailure?
    private var lines = DeadLetterLines()

    init(path: String, outputs: Set<OutputKind>) throws(OutputFailure) {
        self.path = path
        partial = "\(path)/\(OutputFolder.partialName)"
        try OutputFailure.makeFolder(path)
        lock = try OutputFolder.locked(path)
        _ = try OutputFolder.results(in: path)
        try removePartial()
        do {
            try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: false)
        } catch {
            throw OutputFailure("\(partial): the folder can't be created: \(error.localizedDescription)")
        }
        if outputs.contains(.audit) { audits = try file("audit.ndjson") }
        if outputs.contains(.deadletter) { deadLetters = try file("deadletter.ndjson") }
    }

    deinit {
        if !isComplete { try? removePartial() }
    }

    private static func locked(_ path: String) throws(OutputFailure) -> FileHandle {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw OutputFailure("\(path): the folder can't be opened: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw OutputFailure("\(path): another replay is writing its results there")
        }
        return handle
    }

    /// The results of an earlier replay in a folder, by their paths below it. Other files there are nobody's business.
    static func results(in path: String) throws(OutputFailure) -> [String] {
        var names = [
            "alerts.ndjson", "audit.ndjson", "windows.ndjson", "deadletter.ndjson", "report.json", "stats.json",
        ]
        for folder in ["rollups", "anomalies"] {
            guard let entry = try? FileEntry("\(path)/\(folder)", followsLinks: false) else { continue }
            guard entry.kind == .folder else {
                throw OutputFailure("\(path)/\(folder): it is \(entry.kind.words), where results need a folder")
            }
            let below = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
            names += below.filter { $0.hasSuffix(".csv") }.sorted().map { "\(folder)/\($0)" }
        }
        var found: [String] = []
        for name in names {
            guard let entry = try? FileEntry("\(path)/\(name)", followsLinks: false) else { continue }
            guard entry.kind == .regular else {
                throw OutputFailure("\(path)/\(name): it is \(entry.kind.words), which results do not replace")
            }
            found.append(name)
        }
        return found
    }

    /// Where a replay may put what it needs until its results are whole.
    var scratch: String { partial }

    /// A file of results; `name` may have one folder in front.
    func file(_ name: String) throws(OutputFailure) -> FileWriter {
        let full = "\(partial)/\(name)"
        do {
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        } catch {
            throw OutputFailure("\(full): its folder can't be created: \(error.localizedDescription)")
        }
        return try FileWriter(path: full)
    }

    func audit(_ record: [UInt8], at position: SourcePosition) {
        guard failure == nil, let audits else { return }
        do { try audits.writeLine(record) } catch { failure = error }
    }

    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        guard failure == nil, let deadLetters else { return }
        do { try deadLetters.write(lines.take(rejection, at: position)) } catch { failure = error }
    }

    /// Puts the results where they belong, in the place of an earlier replay's.
    func close() throws(OutputFailure) {
        if let failure { throw failure }
        try audits?.close()
        try deadLetters?.write(lines.end())
        try deadLetters?.close()
        do {
            for name in try OutputFolder.results(in: path) {
                try FileManager.default.removeItem(atPath: "\(path)/\(name)")
            }
            for name in try OutputFolder.results(in: partial) {
                let target = "\(path)/\(name)"
                try FileManager.default.createDirectory(
                    atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try FileManager.default.moveItem(atPath: "\(partial)/\(name)", toPath: target)
            }
        } catch {
            throw OutputFailure("\(path): results can't be put in their place: \(error.localizedDescription)")
        }
        try removePartial()
        isComplete = true
    }

    private func removePartial() throws(OutputFailure) {
        do {
            if (try? FileEntry(partial, followsLinks: false)) != nil {
                try FileManager.default.removeItem(atPath: partial)
            }
        } catch {
            throw OutputFailure("\(partial): \(error.localizedDescription)")
        }
    }
}

extension Replay {
    /// The first of `inputs` that a replay into `folder` would replace or remove.
    public static func overwritten(of inputs: [String], in folder: String) throws(OutputFailure) -> String? {
        var results: Set<FileIdentity> = []
        for name in try OutputFolder.results(in: folder) {
            if let entry = try? FileEntry("\(folder)/\(name)", followsLinks: true) { results.insert(entry.identity) }
        }
        return inputs.first { input in
            (try? FileEntry(input, followsLinks: true)).map { results.contains($0.identity) } ?? false
        }
    }
}

/// For a replay without a folder, whose report alone is wanted.
final class DiscardingSink: RecordSink {
    func audit(_ record: [UInt8], at position: SourcePosition) {}
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {}
}
