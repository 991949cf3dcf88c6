import Accounting
import Alerting
import Planning
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation
@testable import Objectives

/// What is made of the records that former owners left, whoever reads them.
@Suite struct ShardRestorationTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
    private static let partitions = StatePartitions(checkpoints: 2, windows: 6, alerts: 1)

    private func terms(
        shards: Int = 1, partitions: StatePartitions = ShardRestorationTests.partitions, form: RecordForm = .definitions
    ) throws -> ShardRestoration.Terms {
        ShardRestoration.Terms(
            plan: try CallsObjective.plan(
                counting: "good", where: "true", outputs: [.windows, .alerts], form: form),
            topics: OutputTopics(prefix: ""), shards: ShardMap(count: shards), partitions: partitions,
            inputs: InputTerms(latenessNanoseconds: 0))
    }

    private func checkpoint(
        shard: Int32 = 0, shards: Int = 1, next: Int64 = 40, alertState: Int64? = nil,
        partitions: StatePartitions? = ShardRestorationTests.partitions,
        closedBefore: EventTimes = EventTimes(all: ShardRestorationTests.time)
    ) -> ShardCheckpointRecord {
        let state = SourceChainState(epoch: OwnerEpoch(generation: 3), through: SourcePoint(offset: 17))
        var record = ShardCheckpointRecord(
            shard: shard, shards: shards, epoch: OwnerEpoch(generation: 9),
            checkpoint: ShardCheckpoint(
                next: next, closedBefore: closedBefore, chains: [Self.source: state]),
            partitions: partitions)
        record.form = .definitions
        record.alertState = alertState
        return record
    }

    private func saved(_ records: ShardCheckpointRecord...) -> Checkpoints {
        var saved = Checkpoints(of: Set(records.map(\.shard)))
        for (offset, record) in records.enumerated() {
            saved.read(record.json, at: TopicPlace(topic: "checkpoints", partition: 0, offset: Int64(offset)))
        }
        #expect(saved.unreadable == nil)
        return saved
    }

    @Test func windowsThatAreGoneAreMarkedInEachObjective() throws {
        var record = checkpoint()
        record.hasWindows = true
        var restoration = ShardRestoration(of: [0], from: saved(record), try terms())
        let lost = restoration.noteLostWindows()
        #expect(lost.map(\.shard) == [0] && lost.map(\.before) == [Self.time])
        let ledgers = restoration.ledgers.values.flatMap(\.self)
        #expect(!ledgers.isEmpty)
        for (partition, ledgers) in restoration.ledgers {
            for ledger in ledgers {
                #expect(
                    ledger.unread.map(\.span)
                        == [UnreadSpan(topic: "windows", partition: partition, from: 0, to: nil)])
            }
        }
        // Of one that had none yet nothing is gone.
        var former = ShardRestoration(of: [0], from: saved(checkpoint()), try terms())
        #expect(former.noteLostWindows().isEmpty)
    }

    /// A metric that nobody has sent yet has no event time, which must not hide what is gone of the rest.
    @Test func windowsThatAreGoneAreSaidThoughAKindHasNoTimeYet() throws {
        var times = EventTimes()
        var record = checkpoint(closedBefore: times)
        record.hasWindows = true
        var restoration = ShardRestoration(of: [0], from: saved(record), try terms())
        #expect(restoration.noteLostWindows().map(\.before) == [nil])
        times[.cloudTrail] = Self.time
        record = checkpoint(closedBefore: times)
        record.hasWindows = true
        restoration = ShardRestoration(of: [0], from: saved(record), try terms())
        #expect(restoration.noteLostWindows().map(\.before) == [Self.time])
    }

    /// Other shards' windows in the same topic do not stand for those that are gone.
    @Test func windowsAreGoneShardByShard() throws {
        let records = (0..<2).map { shard in
            var record = checkpoint(shard: Int32(shard), shards: 2)
            record.hasWindows = true
            return record
        }
        var restoration = ShardRestoration(of: [0, 1], from: saved(records[0], records[1]), try terms(shards: 2))
        let (partition, ledgers) = try #require(restoration.ledgers.first { !$0.value.isEmpty })
        var restored = RestoredPartition(partition, ledgers)
        var former = try #require(ledgers.first)
        try former.add(SliceCounts(good: 1, total: 1), at: Self.time)
        for record in former.takeChangedRecords() {
            restored.take(record.json(in: .definitions), judgedThrough: nil, offset: 0)
        }
        restored.finish()
        try restoration.take(restored)
        let own = Int32(ShardMap(count: 2).shard(ofObjective: former.terms.name))
        #expect(restoration.noteLostWindows().map(\.shard) == [1 - own])
    }

    /// What is gone is published with the first results, and a checkpoint behind them goes on to say that there are windows.
    @Test func windowsThatAreGoneAreMarkedInTheirTopicToo() throws {
        var record = checkpoint()
        record.hasWindows = true
        var restoration = ShardRestoration(of: [0], from: saved(record), try terms())
        _ = restoration.noteLostWindows()
        let owned = try #require(restoration.finish(generation: 10, ends: [:], expectedSources: [Self.source]).first)
        #expect(!owned.takeResults(at: .zero, pastBefore: nil).windows.flatMap(\.gaps).isEmpty)
        #expect(owned.evaluator.content.hasWindows)
    }

    private func open(_ name: String, at seconds: Int64 = 0) -> AlertTransition {
        let time = Self.time.advanced(by: seconds * Timestamp.nanosecondsPerSecond)
        var alert = Alert(
            dedupKey: DedupKey(kind: "slo", name: name), severity: .critical, status: .open, summary: name,
            source: "shop", time: time, openedAt: time)
        alert.kind = "burn_rate"
        alert.labels = ["objective": "calls"]
        return AlertTransition(alert: alert, reason: "because")
    }

    private func states(_ transition: AlertTransition, next: Int64) -> AlertStates {
        let state = AlertState(
            next: next, judgedThrough: EventTimes(all: Self.time),
            open: [AlertStanding(transition, isPast: false, epochs: [9])],
            endings: [])
        var states = AlertStates()
        for record in state.records(shard: 0, epoch: 9, sequence: 1) { states.take(record) }
        return states
    }

    private func feed(_ transition: AlertTransition) -> FeedAlerts {
        var feed = FeedAlerts()
        feed.read(
            transition.json, key: Array("\(transition.alert.dedupKey.text)/9".utf8), FeedMark(epoch: 9),
            at: TopicPlace(topic: "alerts", partition: 0, offset: 0))
        #expect(feed.unreadable == nil)
        return feed
    }

    private func finish(_ restoration: ShardRestoration, generation: Int32 = 11) -> [OwnedShard] {
        restoration.finish(generation: generation, ends: [0: 55], expectedSources: [Self.source])
    }

    private func openAlerts(_ shard: OwnedShard?) -> [AlertTransition] {
        shard?.evaluator.content.alerts.open.map(\.transition) ?? []
    }

    // MARK: Where it goes on

    @Test func aShardGoesOnFromItsCheckpointUnderAnEpochAfterTheFormerOne() throws {
        let owned = try #require(finish(ShardRestoration(of: [0], from: saved(checkpoint()), terms())).first)
        #expect(owned.epoch == OwnerEpoch(generation: 11) && owned.former == OwnerEpoch(generation: 9))
        #expect(owned.writtenSince == 55)
        #expect(owned.evaluator.next == 40 && owned.evaluator.closedBefore == EventTimes(all: Self.time))
        #expect(owned.evaluator.reader.state(of: Self.source).through == SourcePoint(offset: 17))
        // A group that was deleted counts its generations anew.
        let again = finish(try ShardRestoration(of: [0], from: saved(checkpoint()), terms()), generation: 2)
        #expect(again.first?.epoch == OwnerEpoch(generation: 9).successor(generation: 2))
        #expect(again.first.map { $0.epoch > OwnerEpoch(generation: 9) } == true)
    }

    @Test func aShardThatNobodyHadBeginsAtTheLogsBeginning() throws {
        let owned = finish(try ShardRestoration(of: [0], from: Checkpoints(of: [0]), terms()))
        #expect(owned.first?.evaluator.next == 0 && owned.first?.former == nil)
        #expect(owned.first?.epoch == OwnerEpoch(generation: 11))
    }

    /// Because of checkpoints of the newer form those go first.
    @Test func checkpointsOnceInTheNewerFormStayInIt() throws {
        let older = try terms(form: .first)
        #expect(finish(ShardRestoration(of: [0], from: saved(checkpoint()), older)).first?.form == .definitions)
        #expect(finish(ShardRestoration(of: [0], from: Checkpoints(of: [0]), older)).first?.form == .first)
    }

    // MARK: Windows

    /// Both the shard and the partition of windows come of one hash.
    @Test func thePartitionsOfWindowsAreReadThatMayHoldTheShardsObjectives() throws {
        func partitions(_ shards: [Int32], of count: Int, windows: Int) throws -> [Int32] {
            let terms = try terms(
                shards: count, partitions: StatePartitions(checkpoints: 1, windows: windows, alerts: 1))
            return ShardRestoration(of: shards, from: Checkpoints(of: Set(shards)), terms).ledgers.keys.sorted()
        }
        #expect(try partitions([1], of: 4, windows: 6) == [1, 3, 5])
        #expect(try partitions([1, 2], of: 4, windows: 6) == [0, 1, 2, 3, 4, 5])
        #expect(try partitions([3], of: 4, windows: 4) == [3])
        #expect(try partitions([0], of: 5, windows: 3) == [0, 1, 2])
        // The objective's own partition is among them, with its ledger.
        let own = ShardHash.shard(of: "calls", among: 6)
        let restoration = ShardRestoration(of: [0], from: Checkpoints(of: [0]), try terms())
        #expect(restoration.ledgers[Int32(own)]?.map(\.terms.name) == ["calls"])
        #expect(restoration.isOwn("calls") && restoration.isOwn("not known here"))
    }

    @Test func aWindowThatCannotBeReadStopsWithItsPlace() throws {
        var restoration = ShardRestoration(of: [0], from: Checkpoints(of: [0]), try terms())
        var partition = RestoredPartition(4, [], isOwn: restoration.isOwn)
        partition.take(Array(#"{"version":99}"#.utf8), judgedThrough: nil, offset: 12)
        partition.finish()
        let error = #expect(throws: UnreadableRecord.self) { try restoration.take(partition) }
        #expect(error?.place == TopicPlace(topic: "windows", partition: 4, offset: 12))
    }

    // MARK: Alerts

    @Test func alertsComeFromTheirStateAndNotFromTheFeedBesideIt() throws {
        var restoration = ShardRestoration(of: [0], from: saved(checkpoint(alertState: 38)), try terms())
        restoration.takeAlertStates(states(open("of the state"), next: 38))
        #expect(restoration.withoutAlerts == [] && restoration.lostAlerts == [])
        restoration.take(feed(open("of the feed", at: 60)))
        #expect(openAlerts(finish(restoration).first) == [open("of the state")])
    }

    /// A checkpoint that knows of no state was written by a release that had the feed alone.
    @Test func withoutAStateTheFeedIsTaken() throws {
        var restoration = ShardRestoration(of: [0], from: saved(checkpoint()), try terms())
        restoration.takeAlertStates(states(open("of the state"), next: 38))
        #expect(restoration.withoutAlerts == [0] && restoration.lostAlerts == [])
        restoration.take(feed(open("of the feed", at: 60)))
        #expect(openAlerts(finish(restoration).first) == [open("of the feed", at: 60)])
    }

    @Test func aStateFromBeforeTheCheckpointsIsALostOne() throws {
        for states in [AlertStates(), states(open("of the state"), next: 37)] {
            var restoration = ShardRestoration(of: [0], from: saved(checkpoint(alertState: 38)), try terms())
            restoration.takeAlertStates(states)
            #expect(restoration.withoutAlerts == [0] && restoration.lostAlerts == [0])
            restoration.take(feed(open("of the feed", at: 60)))
            #expect(openAlerts(finish(restoration).first) == [open("of the feed", at: 60)])
        }
    }

    // MARK: Numbers of partitions

    @Test func otherNumbersOfPartitionsAreRefused() throws {
        struct Asked: Error {}
        func check(_ record: ShardCheckpointRecord) throws {
            try terms().check(saved(record), of: [0]) { throw Asked() }
        }
        try check(checkpoint())
        // 0.1.0 did not tell.
        try check(checkpoint(partitions: nil))
        #expect(throws: PartitionCountChanged.self) { try check(checkpoint(shards: 2)) }
        for changed in [
            StatePartitions(checkpoints: 3, windows: 6, alerts: 1),
            StatePartitions(checkpoints: 2, windows: 7, alerts: 1),
            StatePartitions(checkpoints: 2, windows: 6, alerts: 2),
        ] {
            #expect(throws: PartitionCountChanged.self) { try check(checkpoint(partitions: changed)) }
        }
    }

    /// What lies elsewhere is looked at only where a shard's checkpoint is missing.
    @Test func aCheckpointThatLiesElsewhereIsRefused() throws {
        let (none, elsewhere) = (Checkpoints(of: [0]), saved(checkpoint(partitions: nil)))
        try terms().check(none, of: [0]) { none }
        #expect(throws: UnlocatedCheckpoint.self) { try terms().check(none, of: [0]) { elsewhere } }
        let other = saved(checkpoint(partitions: StatePartitions(checkpoints: 3, windows: 6, alerts: 1)))
        #expect(throws: PartitionCountChanged.self) { try terms().check(none, of: [0]) { other } }
    }
}
