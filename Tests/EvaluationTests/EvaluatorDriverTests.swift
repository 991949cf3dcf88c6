import Accounting
import Objectives
import Records
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation

/// What an evaluator reads, publishes and gives back, and in which order.
@Suite struct EvaluatorDriverTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let epoch = OwnerEpoch(generation: 1)
    private static let partitions = StatePartitions(checkpoints: 2, windows: 3, alerts: 1)
    private static let minute = 60 * Timestamp.nanosecondsPerSecond
    private static let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func shard(_ number: Int32 = 0, next: Int64 = 0) throws -> OwnedShard {
        let plan = try CallsObjective.plan(counting: "good", where: "true", outputs: [.windows, .alerts])
        let content = EvaluationShard(plan: plan, shard: Int(number), of: ShardMap(count: 1), closedBefore: nil)
        return OwnedShard(
            shard: number, epoch: Self.epoch,
            evaluator: ShardEvaluator(
                content: content, checkpoint: ShardCheckpoint(next: next, closedBefore: nil, chains: [:]),
                expectedSources: [Self.source], inputs: InputTerms(latenessNanoseconds: 0)))
    }

    private func driver(_ shards: OwnedShard...) -> EvaluatorDriver {
        var driver = EvaluatorDriver(shardCount: 1, partitions: Self.partitions, now: .zero)
        for shard in shards { #expect(driver.step(.assign(shard)).isEmpty) }
        return driver
    }

    private func claim(_ offset: Int64, shard: Int32 = 0) -> EvaluatorInput {
        .entry(
            TopicPlace(topic: "registers", partition: shard, offset: offset),
            json: ShardEntry<ChangelogAmounts>.claim(Claim(source: Self.source, epoch: Self.epoch)).json)
    }

    /// An update of one minute of a thousand calls. Where all of them fail, alerts open.
    private func update(_ minute: Int64, at offset: Int64, good: Int64 = 0) -> EvaluatorInput {
        let time = Self.start.advanced(by: minute * Self.minute)
        let update = ChangelogUpdate(
            source: Self.source, epoch: Self.epoch, from: SourcePoint(offset: minute),
            to: SourcePoint(offset: minute + 1),
            progress: SourceProgress(watermark: time.advanced(by: Self.minute)),
            amounts: ChangelogAmounts(objectives: [
                .init(objective: "calls", slices: [SliceDelta(start: time, good: good, total: 1000, late: 0)])
            ]))
        return .entry(
            TopicPlace(topic: "registers", partition: 0, offset: offset), json: ShardEntry.update(update).json)
    }

    /// A turn of the loop, by a clock that event time has caught up with.
    private func turn(_ now: Duration) -> EvaluatorInput { .turn(at: now, clock: Self.start) }

    /// The first update of a source begins its chain.
    private func opening(at offset: Int64) -> EvaluatorInput {
        let update = ChangelogUpdate(
            source: Self.source, epoch: Self.epoch, from: nil, to: SourcePoint(offset: 0), progress: SourceProgress(),
            amounts: ChangelogAmounts())
        return .entry(
            TopicPlace(topic: "registers", partition: 0, offset: offset), json: ShardEntry.update(update).json)
    }

    /// What effects are, in short.
    private func kinds(_ effects: [EvaluatorEffect]) -> [String] {
        effects.map { effect in
            switch effect {
            case .send(.alert): "alert"
            case .send(.supersededAlert): "superseded alert"
            case .send(.alertState): "state"
            case .send(.window): "window"
            case .send(.supersededWindow): "superseded"
            case .send(.state): "monitor"
            case .send(.checkpoint(let record)): "checkpoint \(record.checkpoint.next)"
            case .awaitAcknowledgement: "await"
            case .released(let shard): "released \(shard)"
            case .published(let offsets, let publication):
                "published \(offsets.sorted { $0.key < $1.key }.map { "\($0.key)/\($0.value)" }.joined(separator: " "))"
                    + (publication.alerts.isEmpty ? "" : " with alerts")
            case .fail(let error): "fail \(error.place)"
            case .refuse(let older): "refuse \(older.reads)"
            case .stopped: "stopped"
            }
        }
    }

    @Test func alertsThenWindowsThenTheCheckpointEachAfterTheLastIsAcknowledged() throws {
        var driver = driver(try shard())
        #expect(driver.step(claim(0)).isEmpty)
        #expect(driver.step(opening(at: 1)).isEmpty)
        for minute: Int64 in 0..<90 { #expect(driver.step(update(minute, at: minute + 2)).isEmpty) }
        let alerts = kinds(driver.step(turn(.seconds(1))))
        #expect(alerts.last == "await")
        #expect(!alerts.dropLast().isEmpty && alerts.dropLast().allSatisfy { $0 == "alert" })
        let windows = kinds(driver.step(.acknowledged(at: .seconds(1))))
        #expect(windows.last == "await")
        #expect(!windows.dropLast().isEmpty && windows.dropLast().allSatisfy { $0 == "window" })
        #expect(kinds(driver.step(.acknowledged(at: .seconds(1)))) == ["checkpoint 92", "await"])
        #expect(kinds(driver.step(.acknowledged(at: .seconds(2)))) == ["published 0/92 with alerts"])
    }

    @Test func whatHasReadNothingPublishesNothing() throws {
        var driver = driver(try shard())
        _ = driver.step(claim(0))
        #expect(kinds(driver.step(turn(.seconds(1)))) == ["checkpoint 1", "await"])
        _ = driver.step(.acknowledged(at: .seconds(1)))
        #expect(driver.step(turn(.seconds(3))).isEmpty)
    }

    /// Windows that close go out at once as long as publishing takes little of the time; else they wait for the interval.
    @Test func windowsThatClosedDoNotWaitForTheInterval() throws {
        var driver = driver(try shard())
        for input in [claim(0), opening(at: 1), update(0, at: 2, good: 1000)] { _ = driver.step(input) }
        #expect(kinds(driver.step(turn(.milliseconds(1)))) == ["window", "await"])
        _ = driver.step(.acknowledged(at: .milliseconds(1)))
        _ = driver.step(.acknowledged(at: .milliseconds(101)))
        _ = driver.step(update(1, at: 3, good: 1000))
        #expect(driver.step(turn(.milliseconds(500))).isEmpty)
        #expect(kinds(driver.step(turn(.milliseconds(501)))) == ["window", "await"])
    }

    /// Large rounds that take long come more seldom, so that evaluating has its time; no result waits longer than ten seconds for that. Where it
    /// is the machine or the broker that takes long, none waits longer than a second.
    @Test(arguments: [
        (records: 0, took: Duration.milliseconds(300), waits: 3), (0, .seconds(4), 10), (1, .seconds(4), 1),
    ])
    func aLargeRoundTakesItsShareOfTheTime(records: Int, took: Duration, waits: Int) throws {
        var driver = EvaluatorDriver(
            shardCount: 1, partitions: Self.partitions, largeRoundRecords: records, now: .zero)
        _ = driver.step(.assign(try shard()))
        _ = driver.step(claim(0))
        #expect(kinds(driver.step(turn(.seconds(1)))) == ["checkpoint 1", "await"])
        _ = driver.step(.acknowledged(at: .seconds(1) + took))
        _ = driver.step(opening(at: 1))
        #expect(driver.step(turn(.seconds(1 + waits) - .milliseconds(1))).isEmpty)
        #expect(kinds(driver.step(turn(.seconds(1 + waits)))) == ["checkpoint 2", "await"])
    }

    @Test func anAlertThatOpensWaitsForNothingUnlessItIsPast() throws {
        for isPast in [false, true] {
            let clock = Self.start.advanced(by: isPast ? 86_400 * Timestamp.nanosecondsPerSecond : 0)
            var driver = driver(try shard())
            _ = driver.step(claim(0))
            _ = driver.step(opening(at: 1))
            // So little time was counted that nothing is said.
            for minute: Int64 in 0..<3 { _ = driver.step(update(minute, at: minute + 2)) }
            var effects = driver.step(.turn(at: .seconds(1), clock: clock))
            // Publishing took so long that windows wait for five times that, and the interval is not over.
            while kinds(effects).last == "await" { effects = driver.step(.acknowledged(at: .milliseconds(1_300))) }
            for minute: Int64 in 3..<90 { _ = driver.step(update(minute, at: minute + 2)) }
            let first = kinds(driver.step(.turn(at: .milliseconds(1_310), clock: clock))).first
            #expect(first == (isPast ? nil : "alert"))
        }
    }

    @Test func aShardIsGivenBackWhenItsResultsAreAcknowledged() throws {
        var driver = driver(try shard(0), try shard(1))
        _ = driver.step(claim(0))
        _ = driver.step(claim(0, shard: 1))
        #expect(driver.step(.release(shard: 1)).isEmpty)
        #expect(kinds(driver.step(turn(.zero))) == ["checkpoint 1", "checkpoint 1", "await"])
        #expect(kinds(driver.step(.acknowledged(at: .zero))) == ["published 0/1 1/1", "released 1"])
        #expect(driver.owned.keys.sorted() == [0])
        #expect(driver.step(claim(1, shard: 1)).isEmpty)
        #expect(driver.step(turn(.seconds(1))).isEmpty)
    }

    @Test func aShardThatIsAnotherMembersIsNotPublished() throws {
        var driver = driver(try shard())
        _ = driver.step(claim(0))
        _ = driver.step(.forget(shard: 0))
        #expect(driver.step(turn(.seconds(1))).isEmpty)
    }

    /// The records of a poll may be from before a shard went and came back, and lie further on than it is read now.
    @Test func aShardThatCameBackReadsOnFromItsCheckpoint() throws {
        var driver = driver(try shard(0, next: 5))
        _ = driver.step(.release(shard: 0))
        #expect(kinds(driver.step(.assign(try shard(0, next: 3)))) == ["released 0"])
        _ = driver.step(claim(5))
        #expect(driver.owned[0]?.evaluator.next == 3)
        _ = driver.step(claim(3))
        #expect(driver.owned[0]?.evaluator.next == 4)
        _ = driver.step(turn(.zero))
        // Where retention removed records the next one lies further on, and that is right in a later poll.
        _ = driver.step(claim(6))
        #expect(driver.owned[0]?.evaluator.next == 7)
    }

    @Test func anEntryThatCanNotBeReadStopsItsShardAlone() throws {
        var driver = driver(try shard(0), try shard(1))
        let broken = EvaluatorInput.entry(
            TopicPlace(topic: "registers", partition: 0, offset: 0), json: Array(#"{"kind":"claim"}"#.utf8))
        #expect(kinds(driver.step(broken)) == ["fail registers/0/0"])
        _ = driver.step(claim(1))
        _ = driver.step(claim(0, shard: 1))
        #expect(driver.owned[0]?.evaluator.next == 0)
        #expect(driver.owned[1]?.evaluator.next == 1)
    }

    @Test func anUpdateThatFollowsNothingStopsAndPassingItOverGoesOn() throws {
        var driver = driver(try shard())
        for input in [claim(0), opening(at: 1), update(0, at: 2)] { _ = driver.step(input) }
        #expect(kinds(driver.step(update(5, at: 3))) == ["fail registers/0/3"])

        driver = self.driver(try shard())
        for input in [claim(0), opening(at: 1), update(0, at: 2)] { _ = driver.step(input) }
        let place = TopicPlace(topic: "registers", partition: 0, offset: 3)
        #expect(driver.step(.passOver(place, entryOf: Self.source)).isEmpty)
        #expect(driver.step(update(5, at: 4)).isEmpty)
        #expect(driver.owned[0]?.evaluator.next == 5)
    }

    @Test func nothingIsPublishedAfterARefusalAndRequestsAreStillAnswered() throws {
        var driver = driver(try shard(0), try shard(1))
        _ = driver.step(claim(0))
        _ = driver.step(.release(shard: 1))
        _ = driver.step(turn(.seconds(1)))
        #expect(kinds(driver.step(.unacknowledged)) == ["released 1"])
        _ = driver.step(claim(1))
        #expect(driver.step(turn(.seconds(9))).isEmpty)
        #expect(kinds(driver.step(.release(shard: 0))) == ["released 0"])
        #expect(kinds(driver.step(.stop)) == ["stopped"])
    }

    @Test func aStopPublishesWhatThereIs() throws {
        var driver = driver(try shard())
        _ = driver.step(claim(0))
        _ = driver.step(.stop)
        #expect(kinds(driver.step(turn(.zero))) == ["checkpoint 1", "await"])
        #expect(kinds(driver.step(.acknowledged(at: .zero))) == ["published 0/1", "stopped"])

        driver = self.driver()
        _ = driver.step(.stop)
        #expect(kinds(driver.step(turn(.zero))) == ["stopped"])
    }

    @Test func recordsGoWhereARestartLooksForThem() throws {
        let record = ShardCheckpointRecord(
            shard: 3, shards: 4, epoch: Self.epoch, checkpoint: ShardCheckpoint(next: 1, closedBefore: nil, chains: [:])
        )
        #expect(ResultRecord.checkpoint(record).partition(Self.partitions) == 1)
        let superseded = ResultRecord.supersededWindow(objective: "calls", key: "calls/x")
        #expect(superseded.partition(Self.partitions) == Int32(ShardHash.shard(of: "calls", among: 3)))
        #expect(superseded.value == nil)
        #expect(superseded.topic(OutputTopics(prefix: "p.")) == "p.windows")
    }
}
