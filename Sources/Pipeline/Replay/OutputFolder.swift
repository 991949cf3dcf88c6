import Foundation
import TelemetryModel

/// The folder that a replay writes: a file for each output, made when the replay starts so that an output without
/// records is an empty file and not a missing one.
final class OutputFolder: RecordOutlet {
    private let path: String
    private var audits: FileWriter?
    private var deadLetters: FileWriter?
    /// What went wrong first while records were written; thrown at the next chance.
    private(set) var failure: ReplayFailure?
    private var json = JSONWriter()

    init(path: String, outputs: Set<OutputKind>) throws(ReplayFailure) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ReplayFailure("\(path): the folder can't be created: \(error.localizedDescription)")
        }
        try removeEarlierResults()
        if outputs.contains(.audit) { audits = try FileWriter(path: "\(path)/audit.ndjson") }
        if outputs.contains(.deadletter) { deadLetters = try FileWriter(path: "\(path)/deadletter.ndjson") }
    }

    /// Removes what an earlier replay wrote here, so that no result of another run stands beside those of this one. Other
    /// files stay.
    private func removeEarlierResults() throws(ReplayFailure) {
        let files = FileManager.default
        var earlier = [
            "alerts.ndjson", "audit.ndjson", "windows.ndjson", "deadletter.ndjson", "report.json", "stats.json",
        ]
        for folder in ["rollups", "anomalies"] {
            let names = (try? files.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
            earlier += names.filter { $0.hasSuffix(".csv") }.map { "\(folder)/\($0)" }
        }
        for name in earlier where files.fileExists(atPath: "\(path)/\(name)") {
            do {
                try files.removeItem(atPath: "\(path)/\(name)")
            } catch {
                throw ReplayFailure("\(path)/\(name): \(error.localizedDescription)")
            }
        }
    }

    /// A file below the folder; `name` may have one folder in front.
    func file(_ name: String) throws(ReplayFailure) -> FileWriter {
        let full = "\(path)/\(name)"
        do {
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        } catch {
            throw ReplayFailure("\(full): its folder can't be created: \(error.localizedDescription)")
        }
        return try FileWriter(path: full)
    }

    func audit(_ record: [UInt8], at position: SourcePosition) {
        guard failure == nil, let audits else { return }
        do { try audits.writeLine(record) } catch { failure = error }
    }

    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        guard failure == nil, let deadLetters else { return }
        json.removeAll()
        DeadLetterRecord.write(rejection, at: position, to: &json)
        do { try deadLetters.writeLine(json.bytes) } catch { failure = error }
    }

    func close() throws(ReplayFailure) {
        if let failure { throw failure }
        try audits?.close()
        try deadLetters?.close()
    }
}

/// For a replay without a folder, whose report alone is wanted.
final class DiscardingOutlet: RecordOutlet {
    func audit(_ record: [UInt8], at position: SourcePosition) {}
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {}
}
