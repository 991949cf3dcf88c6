import Foundation
import KafkaClient

/// What tells, when totals are not exact, which stage lost or doubled something.
extension FaultedRun {
    /// Stage by stage: what the broker holds of each input, what the registers say was counted of it, which of their updates
    /// count, and the consumer's metrics. Read from the topics themselves, not from the consumer.
    func findings() -> String {
        do {
            return try (held() + registered() + metrics()).joined(separator: "\n")
        } catch {
            return "nothing was found out: \(error)"
        }
    }

    /// Of each partition of an input its offsets, and of CloudTrail the records and the events in them, each once.
    private func held() throws -> [String] {
        var ends: [TopicPartition: (first: Int64, last: Int64, messages: Int)] = [:]
        var identities: [TopicPartition: Set<String>] = [:]
        let reader = try KafkaTopicReader(
            settings: broker.settings, topics: FaultedRun.inputs, timeout: .seconds(30))
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { partition, message in
                let known = ends[partition] ?? (message.offset, message.offset, 0)
                ends[partition] = (known.first, message.offset, known.messages + 1)
                guard partition.topic == "cloudtrail" else { return }
                let event = try? JSON(parsing: Data(message.value.bytes))
                identities[partition, default: []].insert(event?["eventID"].text ?? "\(message.offset)")
            }
        }
        return ends.sorted { $0.key < $1.key }.map { partition, known in
            let events = identities[partition].map { ", \($0.count) different events" } ?? ""
            return "\(partition) holds \(known.messages) messages, offsets \(known.first) to \(known.last)\(events)"
        }
    }

    /// Of each shard and source how far its updates join each other, what those add to each objective, and the first that does
    /// not join.
    private func registered() throws -> [String] {
        var chains: [String: Chain] = [:]
        let reader = try KafkaTopicReader(
            settings: broker.settings, topics: ["tidewatch.registers"], timeout: .seconds(30))
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { shard, message in
                guard let entry = try? JSON(parsing: Data(message.value.bytes)) else { return }
                let source = "\(entry["source"]["topic"].text ?? "")[\(Int(entry["source"]["partition"].number ?? -1))]"
                chains["shard \(shard.partition), \(source)", default: Chain()].take(entry, at: message.offset)
            }
        }
        return chains.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }

    /// All that is not 0, without those of time.
    private func metrics() -> [String] {
        let lines = (scrape() ?? "the consumer does not answer").split(separator: "\n")
        return lines.filter { !$0.hasPrefix("#") && !$0.hasSuffix(" 0") && !$0.contains("_seconds") }.map(String.init)
    }
}

/// The updates of one source in one shard, by the rules of docs/accounting.md.
private struct Chain: CustomStringConvertible {
    private var epoch = -1.0
    private var through: Double?
    private var totals: [String: Double] = [:]
    private var late = 0.0
    private var claims = 0
    private var gaps = 0
    private var void = 0
    private var repeated = 0
    private var unconnected: [String] = []

    mutating func take(_ entry: JSON, at offset: Int64) {
        let written = entry["epoch"].number ?? 0
        if (entry["kind"].text ?? entry["entry"].text) == "claim" {
            claims += 1
            epoch = max(epoch, written)
            return
        }
        if written < epoch { return void += 1 }
        epoch = written
        let (from, to) = (entry["from"]["offset"].number, entry["to"]["offset"].number ?? 0)
        if let through, from != through {
            if to <= through { return repeated += 1 }
            return unconnected.append("\(from ?? -1) to \(to) at \(offset), not from \(through)")
        }
        through = to
        if entry["gap"] != .null { gaps += 1 }
        for objective in entry["objectives"].items {
            for slice in objective["slices"].items {
                totals[objective["name"].text ?? "", default: 0] += slice[2].number ?? 0
                late += slice[3].number ?? 0
            }
            // In version 2: start, good and total of each slice, and places with what was late.
            let (counts, latecomers) = (objective["counts"].items, objective["late"].items)
            for place in stride(from: 2, to: counts.count, by: 3) {
                totals[objective["name"].text ?? "", default: 0] += counts[place].number ?? 0
            }
            for place in stride(from: 1, to: latecomers.count, by: 2) { late += latecomers[place].number ?? 0 }
        }
    }

    var description: String {
        let sums = totals.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value))" }.joined(separator: ", ")
        return "through \(through.map { "\(Int($0))" } ?? "nothing"), \(sums.isEmpty ? "no objective" : sums), late "
            + "\(Int(late)), claims \(claims), gaps \(gaps), void \(void), repeated \(repeated), unconnected "
            + "\(unconnected.count) \(unconnected.first ?? "")"
    }
}
