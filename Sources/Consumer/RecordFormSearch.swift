import Evaluation
import JSON
import KafkaClient
import Logging
import Records
import Runtime
import TelemetryModel

/// Finds, before this member joins a group, in which form it is to write: the one that the settings say, or else the newest of what is there, and version 2
/// where nothing is.
///
/// It looks whether others count in a form that this one doesn't read, or don't read that one. Either way it must write nothing: a claim
/// alone would stop others.
///
/// An owner writes at each flush, also when it has read nothing, and into every shard's log. So one log is looked at. Where none
/// of its last writers reads too little, there is nothing to wait for; else some flushes are waited for.
struct RecordFormSearch {
    let kafka: KafkaClient.KafkaSettings
    /// The topic of registers.
    let topic: String
    /// What the settings say.
    let form: RecordForm?
    /// That of this member; others are taken to have about the same.
    let flushInterval: Duration
    let skips: SkippedRecords
    let logger: Logger
    let stop: Latch

    /// How many of the last entries are looked at. A thousand sources write so many in two flushes.
    private static let entries: Int64 = 2_000
    private static let flushes = 5
    /// How long is waited at least: an owner with much to say flushes every ten seconds.
    private static let patienceMin = Duration.seconds(12)
    private static let pauseSeconds = 0.1
    private static let requestTimeout = Duration.seconds(15)
    private static let retrySeconds = 1.0

    /// Tries again while the cluster does not answer, or the log has no leader; returns when the process stops.
    ///
    /// - Throws: `UnreadableRecord` for one of a newer form; `OlderMember` where there is one.
    func run() throws -> RecordForm {
        while !stop.isReached {
            do { return try search() } catch let error as KafkaError {
                logger.warning("the log of a shard can't be read yet", metadata: ["error": "\(error)"])
                _ = stop.wait(timeout: RecordFormSearch.retrySeconds)
            }
        }
        return form ?? .first
    }

    private func search() throws -> RecordForm {
        let reader = try KafkaRangeReader(settings: kafka)
        let log = TopicPartition(topic: topic, partition: 0)
        try reader.start([PartitionRange(log, from: .end)], timeout: RecordFormSearch.requestTimeout)
        var next = try read(reader, from: 0) { _ in }
        let first = max(0, next - RecordFormSearch.entries)
        try reader.start(
            [PartitionRange(log, from: .offset(first), upTo: next)], timeout: RecordFormSearch.requestTimeout)
        var entries: [WrittenEntry] = []
        _ = try read(reader, from: first) { entries.append($0) }
        let form = form ?? choose(by: entries)
        var members = OlderMembers(form: form)
        for entry in entries { members.read(entry) }
        guard members.arePossible else { return form }
        let patience = max(RecordFormSearch.patienceMin, flushInterval * RecordFormSearch.flushes)
        logger.info(
            "an older release was the last to count; looking whether it still does",
            metadata: ["seconds": .seconds(patience)])
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline, !stop.wait(timeout: RecordFormSearch.pauseSeconds) {
            try reader.start([PartitionRange(log, from: .offset(next))], timeout: RecordFormSearch.requestTimeout)
            var found: OlderMember?
            next = try read(reader, from: next) { found = members.read($0) ?? found }
            if let found { throw found }
        }
        return form
    }

    private func choose(by entries: [WrittenEntry]) -> RecordForm {
        let form = RecordFormSearch.form(of: entries.map(\.version))
        logger.info(
            "outputs.recordVersion is not set",
            metadata: [
                "version": .number(form.rawValue),
                "because": .string(
                    entries.isEmpty
                        ? "there is nothing in the registers" : "it is the version of what is in the registers"),
            ])
        return form
    }

    /// Version 1 is for those of 0.1.0, and stays where nothing but theirs is written. Where nothing is left, nobody counts.
    static func form(of versions: [Int]) -> RecordForm {
        versions.max().flatMap { RecordForm(rawValue: $0) } ?? .definitions
    }

    /// - Returns: where the range ends.
    private func read(
        _ reader: KafkaRangeReader, from start: Int64, _ body: (WrittenEntry) -> Void
    ) throws -> Int64 {
        var end = start
        var newer: UnreadableRecord?
        while !reader.isDone {
            let events = try reader.poll(timeout: .milliseconds(100)) { partition, message in
                if skips.cause(of: message, in: partition) != nil { return }
                do throws(JSONCursorError) { body(try WrittenEntry(json: Array(copying: message.value))) } catch {
                    // What is damaged may have been read before: who needs it says so.
                    guard case .newerVersion = error.reason else { return }
                    newer = newer ?? UnreadableRecord(partition, offset: message.offset, "\(error)")
                }
            }
            if let newer { throw newer }
            for case .done(let position) in events { end = position.offset }
            if stop.isReached { break }
        }
        return end
    }
}
