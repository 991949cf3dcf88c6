import Foundation
import KafkaClient
import Objectives
import Observability
import Records
import Runtime
import Settings
import Statistics
import TelemetryModel
import TestObjectives
import TestSupport
import Testing

@testable import Consumer

/// A year of calls, and on one of its days somebody without the key writes all that there is to be written.
@Suite(.serialized) struct ForgedYearTests {
    private static let days = 365
    private static let perDay = 24

    /// What a window of thirty days holds that ends behind this day: half of all calls have failed.
    private func expected(behind day: Int) -> CallsCluster.Counted {
        let total = min(30, day + 1) * Self.perDay
        return CallsCluster.Counted(total: total, good: total / 2)
    }

    private func counted(_ ledgers: [ObjectiveLedger], at time: Timestamp) -> CallsCluster.Counted? {
        SLOReport(at: time, ledgers: ledgers).entries.first.map {
            CallsCluster.Counted(total: Int($0.total), good: Int($0.good))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [UInt64(20_261_128)])
    func everyNumberOfTheYearIsThatOfTheCallsAndEachForgeryIsNamed(seed: UInt64) async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            var key = MACSettings(key: Secret(String(repeating: "k", count: 32)))
            key.requiredSince = Timestamp(rfc3339: "2026-01-01T00:00:00Z")
            cluster.mac = key
            let midnight = Timestamp.now().nanoseconds / (24 * hour) * 24 * hour
            let start = Timestamp(nanoseconds: midnight).advanced(by: -Int64(Self.days) * 24 * hour)
            var settings = cluster.settings
            // Time goes by in the records alone.
            settings.aggregation.idleTimeoutNanoseconds = hour
            func end(of day: Int) -> Timestamp { start.advanced(by: Int64(day + 1) * 24 * hour) }
            let pipeline = try cluster.run(settings: settings)
            /// Sends these days, and looks at each thirty of them: that is what the report's window holds.
            func go(through days: Range<Int>) throws {
                for first in stride(from: days.lowerBound, to: days.upperBound, by: 30) {
                    let last = min(first + 30, days.upperBound) - 1
                    try cluster.send(
                        at: (first...last).flatMap { day in
                            (0..<Self.perDay).map { end(of: day).advanced(by: Int64($0 - Self.perDay) * 5 * minute) }
                        }, failing: 2)
                    let isCounted = try eventually(every: .milliseconds(250), while: { pipeline.isRunning }) {
                        counted(try cluster.feed().windows().ledgers, at: end(of: last)) == expected(behind: last)
                    }
                    #expect(isCounted, "seed \(seed), days to \(last)")
                }
            }

            var generator = SeededGenerator(seed: seed)
            let day = Int.random(in: 40..<Self.days - 40, using: &generator)
            try go(through: 0..<day)
            let forger = try ForgedRecords(cluster)
            for attack in ForgedRecords.Attack.allCases {
                for code in ForgedRecords.Code.allCases { try forger.write(attack, code) }
            }
            try go(through: day..<Self.days)
            #expect(pipeline.stop() == nil)

            let feed = cluster.feed()
            #expect(try feed.windows().ledgers.map(\.terms.name) == ["calls"])
            #expect(try feed.alerts().allSatisfy { $0.reason != "forged" })
            #expect(feed.unauthentic.lines.map(\.topic) == [CallsCluster.topics.alerts, CallsCluster.topics.windows])
            for fault in MACFault.allCases {
                let labels = [("topic", CallsCluster.topics.registers), ("reason", fault.rawValue)]
                #expect((pipeline.metrics.value(.recordsUnauthentic, labels) ?? 0) > 0, "\(fault)")
            }
        }
    }
}
