import Accounting
import Aggregation
import Decoding
import LockFree
import Records
import Settings
import TelemetryModel
import Testing

@testable import Counting
@testable import Planning

/// A flood of groups with long names: the worker hands over what is too much, and folds nothing; who adds up folds what is beyond
/// `groupsMax`, and nothing else.
@Suite struct GroupBudgetTests {
    private static let minutes = 6
    private static let agents = 9_000
    private static let messageAgents = 50

    private static func plan(groupsMax: Int) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(
            text: """
                apiVersion: tidewatch/v1
                kind: Rollup
                metadata: {name: agents}
                spec:
                  source: CloudTrail
                  window: 1m
                  groupBy: [userAgent]
                  measures: [{name: calls, count: true}]
                  groupsMax: \(groupsMax)
                """, file: "test")
        #expect(problems == [])
        return try PipelinePlan(resources: resources, outputs: [.rollups])
    }

    /// A kilobyte, different for each number.
    private static func agent(_ number: Int) -> String {
        let name = "agent-\(number)-"
        return name + String(repeating: "x", count: 1000 - name.utf8.count)
    }

    /// A message of calls in one minute by as many user agents.
    private static func message(_ minute: Int, from first: Int) -> [UInt8] {
        let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000 + Int64(minute) * 60_000_000_000)
        return Array(
            (first..<first + messageAgents).map {
                #"{"eventTime":"\#(time)","eventName":"A","userAgent":"\#(agent($0))"}"#
            }.joined(separator: "\n").utf8)
    }

    private struct World {
        let output = WorkerOutput(topics: ["t"], shardCount: 1, bell: Doorbell())
        let bounds: HeldBounds
        let driver: WorkerDriver
        let inbox: FlushInbox

        init(_ plan: PipelinePlan) {
            let decoder = DecoderBox(MessageDecoder(format: .cloudTrail, projections: plan.projections))
            bounds = HeldBounds(engines: plan.rollups.count)
            inbox = FlushInbox([output])
            driver = WorkerDriver(
                WorkerTerms(
                    partition: PartitionState.Terms(
                        plan: plan, shards: ShardMap(count: 1), lateHorizonNanoseconds: 86_400_000_000_000,
                        idleTimeoutNanoseconds: 60_000_000_000),
                    // Nothing but the budget makes a flush.
                    flushInterval: .seconds(3600), heldBytesMax: bounds.bytesMax,
                    onTheirWayBytesMax: bounds.onTheirWayBytesMax),
                output: output,
                surroundings: WorkerSurroundings(
                    now: { .zero }, clock: { Timestamp(nanoseconds: 1_768_478_400_000_000_000) }, sentThrough: { 0 },
                    sink: MemorySink(), watch: nil, identities: { _ in nil }, decoder: { _ in decoder }))
            let source = SourcePartition(topic: "t", partition: 0)
            let resumption = PartitionOwner.resume(
                source: source, epoch: OwnerEpoch(generation: 1),
                chains: [SourceChainState(through: SourcePoint(offset: 0))],
                available: .init(low: 0, high: 1_000_000), start: 0)
            _ = driver.step(
                .beforeBatch([
                    .assign(
                        TakenPartition(
                            owner: resumption.owner, readFrom: resumption.owner.position.offset,
                            openings: resumption.openings))
                ]))
            driver.beginBatch(of: [source])
        }

        func count(_ bytes: [UInt8], at offset: Int64) -> MessageFate {
            driver.count(
                bytes.span.bytes, of: 0, MessageTerms(offset: offset, fingerprint: nil, writtenAt: nil), now: .zero)
        }
    }

    @Test(arguments: [100_000, 5_000])
    func aFloodOfLongNamesIsFlushedAndFoldedByGroupsMaxAlone(groupsMax: Int) throws {
        let plan = try Self.plan(groupsMax: groupsMax)
        let world = World(plan)
        var sum = RollupEngine(plan.rollups[0].plan)
        var flushes = 0
        func publish(_ taken: [PartitionFlush]) {
            flushes += taken.count
            for flush in taken {
                #expect(flush.statistics.troubles.isEmpty)
                // What a message adds is not looked at before its end.
                #expect(flush.bytes < world.bounds.bytesMax + Self.messageAgents * 1_300)
                for change in flush.amounts[0].rollups.flatMap(\.cells) {
                    let isAdded = sum.restore(change)
                    #expect(isAdded)
                }
            }
        }
        var offset: Int64 = 0
        for minute in 0..<Self.minutes {
            for first in stride(from: 0, to: Self.agents, by: Self.messageAgents) {
                // Every agent of every minute is another.
                let bytes = Self.message(minute, from: minute * Self.agents + first)
                while world.count(bytes, at: offset) == .noRoom { publish(world.inbox.takeAll()) }
                offset += 1
                #expect(world.driver.heldBytes < world.bounds.bytesMax + Self.messageAgents * 1_300)
                #expect(world.driver.bytesOnTheirWay < 2 * world.bounds.bytesMax)
            }
        }
        publish(world.inbox.takeAll())
        _ = world.driver.step(
            .beforeBatch([.release(SourcePartition(topic: "t", partition: 0), ReleaseToken(number: 1))]))
        publish(world.inbox.takeAll())
        #expect(flushes > 1)

        let folded = max(0, Self.agents - groupsMax)
        for start in sum.windowStarts {
            let found = sum.peekWindow(start)
            let window = try #require(found)
            var counts: [String: Int128] = [:]
            for row in 0..<window.count {
                counts[try #require(window[row].group[0])] = window[row].value(0).integerValue
            }
            #expect(counts.removeValue(forKey: FoldedGroup.name) == (folded > 0 ? Int128(folded) : nil))
            #expect(counts.count == min(groupsMax, Self.agents))
            #expect(counts.values.allSatisfy { $0 == 1 })
        }
        let windows = sum.windowCount
        #expect(windows == Self.minutes)
    }

    /// The next flush waits until what was flushed is published, and no message is counted meanwhile.
    @Test func whatIsUnpublishedHasABound() throws {
        let world = World(try Self.plan(groupsMax: 100_000))
        var offset: Int64 = 0
        func countUntilFull() -> Int64 {
            while world.count(Self.message(0, from: Int(offset) * Self.messageAgents), at: offset) == .counted {
                offset += 1
            }
            return offset
        }
        let first = countUntilFull()
        #expect(!world.driver.hasRoom)
        let taken = world.inbox.takeAll()
        #expect(taken.count == 1)
        // Taken, and not published yet.
        #expect(!world.driver.hasRoom)
        _ = world.driver.step(.insideBatch([]))
        #expect(world.driver.isHeldUp)
        #expect(world.inbox.takeAll().isEmpty)
        #expect(world.driver.hasRoom)
        _ = world.driver.step(.insideBatch([]))
        #expect(!world.driver.isHeldUp)
        #expect(countUntilFull() > first)
    }
}
