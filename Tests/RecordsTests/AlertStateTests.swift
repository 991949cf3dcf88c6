import Alerting
import TelemetryModel
import Testing

@testable import Records

/// What a restart knows of its alerts: a state is whole or it isn't there, in whatever order its records come.
@Suite struct AlertStateTests {
    private static let bytesMax = 4000

    private func restored(_ records: [AlertStateRecord], shard: Int32 = 3) throws -> AlertState? {
        var states = AlertStates()
        for record in records { states.take(try AlertStateRecord(json: record.json)) }
        return states.newest(of: shard)
    }

    @Test(arguments: [31, 32, 33] as [UInt64]) func aStateThatIsCutIsJoinedInAnyOrder(seed: UInt64) throws {
        var values = RandomRecords(seed: seed)
        var cut = 0
        for number in 0..<40 {
            let state = values.alertState(next: Int64(number))
            var records = state.records(shard: 3, epoch: 9, sequence: 1, bytesMax: Self.bytesMax)
            #expect(records.map(\.place.part) == Array(records.indices))
            #expect(records.allSatisfy { $0.parts == records.count })
            #expect(Set(records.map(\.key)).count == records.count)
            for record in records {
                let alerts = record.share.open.count + record.share.endings.count
                #expect(record.json.count <= Self.bytesMax || alerts == 1, "\(record.json.count) bytes")
            }
            records.shuffle(using: &values.random)
            #expect(try restored(records) == state)
            // What came twice, as after a retry, is one.
            #expect(try restored(records + records) == state)
            #expect(try restored(records, shard: 4) == nil)
            guard records.count > 1 else { continue }
            cut += 1
            records.remove(at: values.random.below(records.count))
            #expect(try restored(records) == nil, "one of its parts is missing")
        }
        #expect(cut > 10)
    }

    @Test func anEmptyStateIsOneRecord() throws {
        let state = AlertState(next: 7, judgedThrough: nil, open: [], endings: [])
        let records = state.records(shard: 3, epoch: 9, sequence: 2)
        #expect(records.map(\.key) == ["alerts/3/9/0/0"])
        #expect(try restored(records) == state)
        #expect(try restored([]) == nil)
    }

    /// An alert that is larger than a record is told all the same, in one of its own.
    @Test func anAlertThatIsTooLargeStandsAlone() throws {
        var values = RandomRecords(seed: 34)
        var state = values.alertState(next: 1)
        state.open = (0..<3).map { _ in AlertStanding(values.transition()) }
        state.open[1].transition.reason = String(repeating: "r", count: 2 * Self.bytesMax)
        let records = state.records(shard: 3, epoch: 9, sequence: 1, bytesMax: Self.bytesMax)
        let large = records.filter { $0.json.count > Self.bytesMax }
        #expect(large.map(\.share.open) == [[state.open[1]]] && large.allSatisfy(\.share.endings.isEmpty))
        #expect(try restored(records) == state)
    }

    /// Who wrote it doesn't count, how far it goes does; of equal ones the highest epoch's, and its last.
    @Test func theStateThatIsFurthestCounts() throws {
        var values = RandomRecords(seed: 35)
        let versions: [(next: Int64, epoch: Int64, sequence: Int)] = [
            (50, 9, 1), (50, 9, 2), (40, 12, 5), (50, 7, 8), (49, 9, 7),
        ]
        let states = versions.map { values.alertState(next: $0.next) }
        var records = zip(versions, states).flatMap { version, state in
            state.records(shard: 3, epoch: version.epoch, sequence: version.sequence, bytesMax: Self.bytesMax)
        }
        for _ in 0..<20 {
            records.shuffle(using: &values.random)
            #expect(try restored(records) == states[1])
        }
        // A later one of which a part is missing is none: the one before it counts.
        let later = values.alertState(next: 60)
        let parts = later.records(shard: 3, epoch: 12, sequence: 1, bytesMax: 1500)
        try #require(parts.count > 1)
        for _ in 0..<20 {
            var torn = records + parts.dropLast()
            torn.shuffle(using: &values.random)
            #expect(try restored(torn) == states[1])
            #expect(try restored(torn + parts.suffix(1)) == later)
        }
    }

    @Test func shardsAreToldApart() throws {
        var values = RandomRecords(seed: 36)
        let (left, right) = (values.alertState(next: 5), values.alertState(next: 6))
        let records =
            left.records(shard: 1, epoch: 9, sequence: 1, bytesMax: Self.bytesMax)
            + right.records(shard: 2, epoch: 9, sequence: 1, bytesMax: Self.bytesMax)
        #expect(try restored(records, shard: 1) == left)
        #expect(try restored(records, shard: 2) == right)
    }

    /// A topic that keeps the last record of each key, and a writer that ends anywhere: the last state that it wrote whole is
    /// there, whatever the sizes of those before and behind it.
    @Test(arguments: [37, 38] as [UInt64]) func compactionAndADeathInTheMiddleLeaveAWholeState(seed: UInt64) throws {
        var values = RandomRecords(seed: seed)
        for _ in 0..<6 {
            var topic: [String: AlertStateRecord] = [:]
            var whole: AlertState?
            for sequence in 1...6 {
                // Event time does not always go on between two of them.
                let state = values.alertState(next: Int64(sequence / 2), alertsMax: 20)
                let records = state.records(shard: 3, epoch: 9, sequence: sequence, bytesMax: Self.bytesMax)
                for record in records {
                    topic[record.key] = record
                    if record.place.part < records.count - 1 {
                        #expect(try restored(topic.values.shuffled(using: &values.random)) == whole)
                    }
                }
                whole = state
                #expect(try restored(topic.values.shuffled(using: &values.random)) == whole)
            }
        }
    }
}
