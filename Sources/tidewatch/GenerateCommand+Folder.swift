import Foundation
import TelemetryModel
import TidewatchTesting

extension EventKind {
    /// The file, and the topic, in which generated records of this kind stand.
    var generatedFileName: String {
        switch self {
        case .cloudTrail: "cloudtrail.jsonl"
        case .vpcFlow: "vpc-flow.log"
        case .metric: "metrics.jsonl"
        }
    }

    var generatedTopic: String {
        switch self {
        case .cloudTrail: "cloudtrail"
        case .vpcFlow: "vpc-flow"
        case .metric: "metrics"
        }
    }
}

/// A folder with a file for each kind, a line for each record.
final class FolderSink: RecordSink {
    private var handles: [EventKind: FileHandle] = [:]

    init(folder: String, kinds: Set<EventKind>) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for kind in kinds {
            let path = "\(folder)/\(kind.generatedFileName)"
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let handle = FileHandle(forWritingAtPath: path)
            else { throw CommandFailure(.failed, "\(path): the file can't be created") }
            handles[kind] = handle
            if kind == .vpcFlow { try handle.write(contentsOf: Array((SyntheticEstate.flowLogHeader + "\n").utf8)) }
        }
    }

    func send(_ records: [GeneratedRecord]) throws {
        var lines: [EventKind: [UInt8]] = [:]
        for record in records { lines[record.kind, default: []] += record.bytes + [0x0A] }
        for (kind, bytes) in lines { try handles[kind]?.write(contentsOf: bytes) }
    }

    func finish() throws {
        for handle in handles.values { try handle.close() }
    }
}
