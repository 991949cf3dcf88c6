import Foundation
import Testing

import Aggregation
import LockFree
import TelemetryModel

@Suite struct RegisterPublishingTests {
    private func fixture() throws -> RollupFixture {
        let bytes = RollupFixture.path("bytes")
        return try RollupFixture(
            groupBy: [],
            measures: [
                measure("good", .count, filter: "event.action == \"ACCEPT\""), measure("total", .count),
                measure("bytes", .sum(bytes)), measure("low", .min(bytes)),
                measure("ports", .distinct(RollupFixture.path("dstport"), exact: true)),
                measure("median", .quantile(bytes, 0.5)),
            ])
    }

    private func event(_ seconds: Int64, _ action: String, _ bytes: Int64) -> SampleEvent {
        SampleEvent(
            time: seconds * 1_000_000_000,
            fields: [.absent, .text(action), .absent, .integer(bytes), .integer(bytes % 3), .text("OK")])
    }

    @Test func readersSeeWhatWasPublishedAndNothingLater() throws {
        let fixture = try fixture()
        let table = RegisterTable(width: fixture.plan.registerWidth)
        var engine = RollupEngine(fixture.plan, registers: table)
        fixture.feed([event(0, "ACCEPT", 5), event(1, "REJECT", 7), event(60, "ACCEPT", 1)], to: &engine)
        let before = RegisterSnapshot(of: table, plan: fixture.plan)
        #expect(before.windows.isEmpty)
        engine.publishRegisters()
        let shown = RegisterSnapshot(of: table, plan: fixture.plan)
        for window in shown.windows {
            let wanted = engine.peekWindow(window.start)?[0].values
            #expect(window.values == wanted)
        }
        #expect(shown.windows.map(\.start.seconds) == [0, 60])
        #expect(shown.windows[0].values[..<5] == [.integer(1), .integer(2), .integer(12), .integer(5), .integer(2)])

        fixture.feed([event(2, "ACCEPT", 1)], to: &engine)
        let unpublished = RegisterSnapshot(of: table, plan: fixture.plan)
        #expect(unpublished.windows[0].values[1] == .integer(2))
        engine.publishRegisters()
        let published = RegisterSnapshot(of: table, plan: fixture.plan)
        #expect(published.windows[0].values[1] == .integer(3) && published.publications == 2)

        _ = engine.takeWindow(Timestamp(nanoseconds: 0))
        let rest = RegisterSnapshot(of: table, plan: fixture.plan)
        #expect(rest.windows.map(\.start.seconds) == [60])
    }

    @Test func aReaderOnAnotherThreadNeverSeesHalfABatch() throws {
        let fixture = try fixture()
        let plan = fixture.plan
        let table = RegisterTable(width: plan.registerWidth)
        let isTorn = Counter()
        let snapshots = Counter()
        // Batches of ten: five good, five bad, bytes adding up to ten, spread over two windows.
        let reader = Thread {
            var last: UInt64 = 0
            while last < 400 {
                let shown = RegisterSnapshot(of: table, plan: plan)
                func sum(_ measure: Int) -> Int128 {
                    shown.windows.reduce(0) { $0 + ($1.values[measure].integerValue ?? 0) }
                }
                let (good, total, bytes) = (sum(0), sum(1), sum(2))
                if good * 2 != total || bytes != total || shown.publications < last { isTorn.add(1) }
                last = shown.publications
                snapshots.add(1)
            }
        }
        reader.start()
        var engine = RollupEngine(plan, registers: table)
        let batch = (0..<10).map { event(Int64($0 * 12), $0 % 2 == 0 ? "ACCEPT" : "REJECT", 1) }
        var published: UInt64 = 0
        while published < 400 {
            fixture.feed(batch, to: &engine)
            engine.publishRegisters()
            published = table.snapshot().publications
        }
        while !reader.isFinished { sched_yield() }
        #expect(isTorn.value == 0 && snapshots.value > 0)
    }
}
