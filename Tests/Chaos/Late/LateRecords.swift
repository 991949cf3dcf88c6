import Foundation
import KafkaClient

/// Records of evaluators that were declared dead, read off the topics: those that lie behind a record of the same thing by an
/// evaluator of a higher epoch.
struct LateRecords {
    /// What a record is of.
    enum Kind: String, CaseIterable {
        case alerts
        case alertStates = "states of alerts"
        case windows
        case monitorStates = "states of monitors"
        case checkpoints
    }

    private struct Subject: Hashable {
        var partition: TopicPartition
        var kind: Kind
        var name: String
    }

    private(set) var counts: [Kind: Int] = [:]
    private var epochs: [Subject: Int64] = [:]

    init(_ cluster: Cluster, topics: Topics) throws {
        for topic in [topics.alerts, topics.windows, topics.checkpoints] {
            // One without a value takes a record back, and what is said again was said.
            for record in try cluster.records(topic) where !record.value.isEmpty && !record.isSaidAgain {
                try read(record, in: topic, of: topics)
            }
        }
    }

    private mutating func read(_ record: Cluster.Record, in topic: String, of topics: Topics) throws {
        let json = try record.json()
        let written = (json["epoch"] as? NSNumber)?.int64Value
        guard let epoch = topic == topics.alerts ? record.epoch : written else { return }
        let kind: Kind? =
            switch topic {
            case topics.alerts: .alerts
            case topics.windows: .windows
            default:
                ["evaluator": .checkpoints, "alerts": .alertStates, "monitor": .monitorStates][json["kind"] as? String]
            }
        guard let kind else { return }
        let name =
            switch kind {
            case .alerts: json["dedup_key"] as? String ?? ""
            case .checkpoints, .alertStates: "\(json["shard"] ?? "")"
            // Each writer has keys of its own, by the epoch at their end.
            case .windows, .monitorStates: String(decoding: record.key, as: UTF8.self).droppingLast("/\(epoch)")
            }
        let subject = Subject(partition: record.partition, kind: kind, name: name)
        if let highest = epochs[subject], epoch < highest { counts[kind, default: 0] += 1 }
        epochs[subject] = max(epochs[subject] ?? epoch, epoch)
    }

    subscript(kind: Kind) -> Int { counts[kind] ?? 0 }
}

extension LateRecords: CustomStringConvertible {
    var description: String { Kind.allCases.map { "\(self[$0]) \($0.rawValue)" }.joined(separator: ", ") }
}

extension String {
    fileprivate func droppingLast(_ end: String) -> String { hasSuffix(end) ? String(dropLast(end.count)) : self }
}
