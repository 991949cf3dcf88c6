import Accounting
import Alerting
import Foundation
import KafkaClient
import Objectives
import Records
import Runtime
import TelemetryModel
import TestSupport

@testable import Consumer

/// What somebody who may write the topics of our own, and has no key, could write there: each of what an attack on 0.1.0 did.
struct ForgedRecords {
    enum Attack: CaseIterable {
        /// A claim of the owner's epoch and a thousand.
        case claim
        /// A claim of the highest lineage but one: no restart comes behind it.
        case lineage
        /// An update that goes on where the owner is, in its epoch, with a thousand million good calls.
        case amounts
        /// An update that says that the source has come to the end of all time.
        case watermark
        /// The end of an alert that is open, in 2261.
        case resolved
        /// A window of an SLO that nobody knows.
        case window

        var topic: String {
            switch self {
            case .claim, .lineage, .amounts, .watermark: CallsCluster.topics.registers
            case .resolved: CallsCluster.topics.alerts
            case .window: CallsCluster.topics.windows
            }
        }
    }

    /// What is forged of the code.
    enum Code: CaseIterable {
        case missing
        /// That of an honest record.
        case copied
        /// By a key that is not the members'.
        case foreign
    }

    struct Record {
        let partition: Int32
        let key: [UInt8]
        let value: [UInt8]
        let headers: [KafkaHeader]
    }

    private let cluster: CallsCluster
    /// What the topics held before anything was forged.
    private let honest: [String: [Record]]

    init(_ cluster: CallsCluster) throws {
        self.cluster = cluster
        var honest: [String: [Record]] = [:]
        for topic in Set(Attack.allCases.map(\.topic)) { honest[topic] = try Self.records(of: topic, cluster) }
        self.honest = honest
    }

    private static let foreign = MACKey([UInt8](repeating: 0x78, count: 64)).map { RecordAuthentication(signing: $0) }

    private static func records(of topic: String, _ cluster: CallsCluster) throws -> [Record] {
        let reader = try KafkaTopicReader(settings: cluster.broker.settings, topics: [topic], timeout: patience)
        var records: [Record] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(50)) { partition, message in
                records.append(
                    Record(
                        partition: partition.partition, key: Array(copying: message.key),
                        value: Array(copying: message.value), headers: message.headers))
            }
        }
        return records
    }

    /// Writes what the attack needs, beside what is honest.
    ///
    /// - Returns: how many records.
    @discardableResult
    func write(_ attack: Attack, _ code: Code = .missing) throws -> Int {
        let forged = try make(attack)
        for record in forged {
            var headers = record.headers.filter { $0.name != RecordAuthentication.header }
            if code == .copied { headers += record.headers.filter { $0.name == RecordAuthentication.header } }
            if code == .foreign {
                _ = try StateTopicWriter(cluster.producer, Self.foreign).send(
                    topic: attack.topic, partition: record.partition, key: record.key, value: record.value,
                    headers: headers)
            } else {
                try cluster.producer.send(
                    topic: attack.topic, partition: record.partition, key: record.key, value: record.value,
                    headers: headers)
            }
        }
        guard cluster.producer.flush(timeout: patience) == .delivered else { throw Undelivered() }
        return forged.count
    }

    private struct Undelivered: Error {}
    private struct NothingToForge: Error {}

    private func make(_ attack: Attack) throws -> [Record] {
        let honest = honest[attack.topic] ?? []
        switch attack {
        case .claim: return try claims(honest) { OwnerEpoch(rawValue: $0.rawValue + 1000) }
        case .lineage: return try claims(honest) { OwnerEpoch(lineage: 1 << 30 - 2, generation: $0.generation) }
        case .amounts, .watermark: return try updates(honest, attack)
        case .resolved: return try ends(honest)
        case .window:
            guard let last = honest.last(where: { !$0.value.isEmpty }) else { throw NothingToForge() }
            return [
                Record(
                    partition: last.partition, key: renamed(last.key), value: renamed(last.value),
                    headers: last.headers)
            ]
        }
    }

    private func renamed(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).replacing("calls", with: "forged").utf8)
    }

    /// The last update of each source in each shard.
    private func lastUpdates(_ honest: [Record]) throws -> [(Record, ChangelogUpdate<ChangelogAmounts>)] {
        var last: [String: (Record, ChangelogUpdate<ChangelogAmounts>)] = [:]
        for record in honest {
            if case .update(let update) = try ShardEntry<ChangelogAmounts>(json: record.value) {
                last["\(record.partition) \(update.source)"] = (record, update)
            }
        }
        if last.isEmpty { throw NothingToForge() }
        return last.sorted { $0.key < $1.key }.map(\.value)
    }

    private func claims(_ honest: [Record], _ epoch: (OwnerEpoch) -> OwnerEpoch) throws -> [Record] {
        try lastUpdates(honest).map { record, update in
            let claim = ShardEntry<ChangelogAmounts>.claim(Claim(source: update.source, epoch: epoch(update.epoch)))
            return Record(partition: record.partition, key: record.key, value: claim.json, headers: record.headers)
        }
    }

    private func updates(_ honest: [Record], _ attack: Attack) throws -> [Record] {
        let shard = ShardMap(count: 2).shard(ofObjective: "calls")
        return try lastUpdates(honest).filter { Int($0.0.partition) == shard }.map { record, update in
            var progress = update.progress
            var (to, amounts) = (update.to, ChangelogAmounts())
            if attack == .watermark {
                progress.watermark = Timestamp(nanoseconds: .max)
            } else {
                to = SourcePoint(incarnation: to.incarnation, offset: to.offset + 1)
                amounts.objectives = [
                    .init(
                        objective: "calls",
                        slices: [SliceDelta(start: cluster.start, good: 1_000_000_000, total: 1_000_000_000)])
                ]
            }
            let forged = ChangelogUpdate(
                source: update.source, epoch: update.epoch, from: update.to, to: to, progress: progress,
                amounts: amounts)
            return Record(
                partition: record.partition, key: record.key,
                value: ShardEntry<ChangelogAmounts>.update(forged).json, headers: record.headers)
        }
    }

    private func ends(_ honest: [Record]) throws -> [Record] {
        let ends = try honest.filter { !$0.value.isEmpty }.compactMap { record -> Record? in
            let alert = try AlertTransition(json: record.value).alert
            guard alert.status == .open, let time = Timestamp(rfc3339: "2261-01-01T00:00:00Z") else { return nil }
            let end = Alert(
                dedupKey: alert.dedupKey, severity: alert.severity, status: .resolved, summary: alert.summary,
                source: alert.source, time: time, openedAt: alert.openedAt)
            return Record(
                partition: record.partition, key: record.key, value: AlertTransition(alert: end, reason: "forged").json,
                headers: record.headers)
        }
        if ends.isEmpty { throw NothingToForge() }
        return ends
    }
}
