import ArgumentParser
import Files
import Foundation
import SyntheticEstate
import TelemetryModel

/// A kind of record, by the names that formats have on the command line.
enum GeneratedKind: String, CaseIterable, ExpressibleByArgument {
    case cloudTrail = "cloudtrail"
    case vpcFlow = "vpc-flow"
    case metric

    /// `vpc_flow`, as the kind is called in data, does too.
    init?(argument: String) {
        self.init(rawValue: argument.replacing("_", with: "-"))
    }

    var events: EventKind {
        switch self {
        case .cloudTrail: .cloudTrail
        case .vpcFlow: .vpcFlow
        case .metric: .metric
        }
    }
}

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
    private var files: [EventKind: FileWriter] = [:]

    init(folder: String, kinds: Set<EventKind>) throws {
        try OutputFailure.makeFolder(folder)
        for kind in kinds {
            let path = "\(folder)/\(kind.generatedFileName)"
            let file = try FileWriter(path: path)
            if kind == .vpcFlow { try file.writeLine(SyntheticEstate.flowLogHeader.utf8) }
            files[kind] = file
        }
    }

    func send(_ records: [GeneratedRecord]) throws {
        for record in records { try files[record.kind]?.writeLine(record.bytes) }
    }

    func finish() throws {
        for file in files.values { try file.close() }
    }
}
