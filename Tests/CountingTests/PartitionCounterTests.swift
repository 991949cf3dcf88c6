import Decoding
import TelemetryModel
import TestObjectives
import Testing

@testable import Counting
@testable import Planning

@Suite struct PartitionCounterTests {
    private func event(_ time: String, failed: Bool = false) -> String {
        #"{"eventTime":"\#(time)","eventName":"A"\#(failed ? #","errorCode":"X""# : "")}"#
    }

    private struct Counted {
        var total: Int64 = 0
        var good: Int64 = 0
        var late: Int64 = 0
        var reasons: [RejectionReason] = []
    }

    /// Counts `messages`, each of them lines of events, as one partition.
    private func count(_ messages: [[String]], notAfter: String? = nil) throws -> Counted {
        let plan = try CallsObjective.failures()
        let sink = MemorySink()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: 3 * 86_400 * 1_000_000_000,
            cursor: .file(name: "f"), sink: sink)
        counter.notAfter = notAfter.flatMap { Timestamp(rfc3339: $0) }
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        for message in messages {
            let bytes = Array(message.joined(separator: "\n").utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
        }
        var counted = Counted(reasons: sink.reasons)
        for deltas in counter.takeObjectives().map(\.deltas) {
            for delta in deltas {
                counted.total += delta.total
                counted.good += delta.good
                counted.late += delta.late
            }
        }
        #expect(counter.takeObjectives().isEmpty)
        return counted
    }

    @Test func everyEventCountsOnceInItsSlice() throws {
        let counted = try count([[event("2026-01-15T09:00:10Z"), event("2026-01-15T09:00:20Z", failed: true)]])
        #expect(counted.total == 2)
        #expect(counted.good == 1)
    }

    /// The one clock of audit records is the counter's owner's; a replay has none.
    @Test(arguments: [nil, "2026-01-15T09:00:30Z"])
    func auditRecordsSayWhenTheirEventWasTakenIn(time: String?) throws {
        let plan = try CallsObjective.failures()
        let sink = MemorySink()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: sink)
        counter.processedAt = time.flatMap { Timestamp(rfc3339: $0) }
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        let bytes = Array(event("2026-01-15T09:00:20Z", failed: true).utf8)
        _ = decoder.decode(bytes.span.bytes, to: &counter)
        let record = String(decoding: try #require(sink.audits.first), as: UTF8.self)
        #expect(record.contains(#""processed_time":1768467630000"#) == (time != nil))
        #expect(record.contains("processed_time") == (time != nil))
    }

    @Test func eventOlderThanTheHorizonIsCountedAsLateOnly() throws {
        let counted = try count([
            [event("2026-01-15T09:00:00Z")], [event("2026-01-12T08:59:59Z"), event("2026-01-12T09:00:01Z")],
        ])
        #expect(counted.total == 2)
        #expect(counted.late == 1)
    }

    @Test func latenessDoesNotDependOnWhereMessagesEnd() throws {
        let events = [
            event("2026-01-10T00:00:00Z"), event("2026-01-15T00:00:00Z"), event("2026-01-10T00:00:01Z"),
            event("2026-01-14T00:00:00Z"), event("2026-01-20T00:00:00Z"), event("2026-01-16T12:00:00Z"),
        ]
        let together = try count([events])
        let apart = try count(events.map { [$0] })
        #expect(together.late == 2)
        #expect(together.late == apart.late)
        #expect(together.total == apart.total)
        #expect(together.total == 4)
    }

    @Test func eventFromTheFutureIsDeadLetteredAndMakesNothingLate() throws {
        let counted = try count(
            [[event("2030-01-01T00:00:00Z"), event("2026-01-15T09:00:00Z"), event("2026-01-15T09:00:01Z")]],
            notAfter: "2026-01-15T09:05:00Z")
        #expect(counted.reasons == [.fromTheFuture])
        #expect(counted.total == 2)
        #expect(counted.late == 0)
    }

    @Test func brokenRecordGoesToTheDeadLetterAndTheRestCounts() throws {
        let counted = try count([[event("2026-01-15T09:00:00Z"), "{broken", event("2026-01-15T09:00:01Z")]])
        #expect(counted.reasons == [.invalidJSON])
        #expect(counted.total == 2)
    }
    @Test func eventDeliveredTwiceCountsOnceAndIsStillDecoded() throws {
        let twice =
            #"{"eventTime":"2026-01-15T09:00:00Z","eventName":"A","eventID":"b6a3c1f2-0000-4000-8000-000000000001"}"#
        let nameless = #"{"eventTime":"2026-01-15T09:00:00Z","eventName":"A","eventID":""}"#
        let plan = try CallsObjective.failures()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: 1, cursor: .file(name: "f"),
            sink: MemorySink(), identities: .all)
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        for message in [twice, nameless, twice, nameless] {
            let bytes = Array(message.utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
        }
        let deltas = counter.takeObjectives().flatMap(\.deltas)
        #expect(deltas.map(\.total) == [3])
        #expect(counter.statistics.duplicates == 1)
        #expect(counter.statistics.decodedTotal == 4)
    }

    /// Who knows an event's identity sends another event under it first.
    @Test func aDecoyUnderTheSameIdentityHidesNothing() throws {
        func event(_ name: String, _ time: String = "2026-01-15T09:00:00Z", _ rest: String = "") -> String {
            #"{"eventTime":"\#(time)","eventName":"\#(name)","eventID":"b6a3c1f2-0000-4000-8000-000000000001"\#(rest)}"#
        }
        let plan = try CallsObjective.failures()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: MemorySink(), identities: .all)
        counter.notAfter = Timestamp(rfc3339: "2026-01-16T00:00:00Z")
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        let real = event("StopLogging", "2026-01-15T09:00:00Z", #","errorCode":"AccessDenied""#)
        let messages = [
            event("GetInsight"), event("StopLogging", "2027-01-15T09:00:00Z", #","errorCode":"AccessDenied""#), real,
            // Delivered again, in another order of its members.
            #"{"errorCode":"AccessDenied","eventID":"b6a3c1f2-0000-4000-8000-000000000001","eventName":"StopLogging","#
                + #""eventTime":"2026-01-15T09:00:00Z"}"#,
            event("GetInsight"),
        ]
        for message in messages {
            let bytes = Array(message.utf8)
            _ = decoder.decode(bytes.span.bytes, to: &counter)
        }
        let deltas = counter.takeObjectives().flatMap(\.deltas)
        #expect(deltas.map(\.total) == [2] && deltas.map(\.good) == [1])
        #expect(counter.statistics.duplicates == 2 && counter.statistics.conflicts == 2)
        #expect(counter.statistics.deadLettered == [.fromTheFuture: 1])
    }

    @Test func whatComesUnderAnotherEventsIdentityIsAuditedWhateverThePolicy() throws {
        func read(_ name: String) -> [UInt8] {
            Array(
                #"{"eventTime":"2026-01-15T09:00:00Z","eventName":"\#(name)","readOnly":true,"eventID":"b6a3c1f2-0000-4000-8000-000000000002"}"#
                    .utf8)
        }
        let plan = try CallsObjective.failures()
        let sink = MemorySink()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "f"), sink: sink, identities: .all)
        var decoder = MessageDecoder(format: .cloudTrail, projections: plan.projections)
        for name in ["GetKey", "GetKey"] { _ = decoder.decode(read(name).span.bytes, to: &counter) }
        #expect(sink.audits.isEmpty)
        for name in ["ListKeys", "ListKeys"] { _ = decoder.decode(read(name).span.bytes, to: &counter) }
        #expect(sink.audits.map { String(decoding: $0, as: UTF8.self).contains("ListKeys") } == [true])
        #expect(counter.statistics.duplicates == 2 && counter.statistics.conflicts == 1)
    }

    /// Counts text as one Kafka message.
    private func countMessage(
        _ text: String, format: InputFormat = .cloudTrail, _ sink: MemorySink, watch: MessageWatch? = nil
    ) throws -> (statistics: PipelineStatistics, isGivenUp: Bool) {
        let plan = try CallsObjective.failures()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: 3 * 86_400 * 1_000_000_000,
            cursor: .message(topic: "t", partition: 2, offset: 41), sink: sink)
        counter.watch = watch
        var decoder = MessageDecoder(format: format, projections: plan.projections)
        let bytes = Array(text.utf8)
        _ = decoder.decode(bytes.span.bytes, to: &counter)
        counter.endMessage(bytes.span.bytes)
        return (counter.statistics, counter.isGivenUp)
    }

    @Test func aMessageHasAHundredDeadLettersAndOneForAllOthers() throws {
        let sink = MemorySink()
        let bad = String(repeating: "x\n", count: 70) + String(repeating: "{}\n", count: 80)
        let text = bad + event("2026-01-15T09:00:00Z") + "\n" + bad
        let statistics = try countMessage(text, sink).statistics
        #expect(sink.reasons.count == 100)
        let rest = try #require(sink.rests.first)
        #expect(sink.rests.count == 1)
        #expect(rest.rest.counts == [.invalidJSON: 70, .missingField: 130])
        #expect(
            rest.rest.detail == "200 more records of this message were rejected: 70 invalid_json, 130 missing_field")
        #expect(rest.message == Array(text.utf8))
        #expect(rest.position == .kafka(topic: "t", partition: 2, offset: 41, record: 100))
        // Each is counted, whether it has a letter or not.
        #expect(statistics.deadLettered == [.invalidJSON: 140, .missingField: 160])
        #expect(statistics.decodedTotal == 1)
    }

    @Test func aHundredRejectedRecordsShareNoLetter() throws {
        let sink = MemorySink()
        let statistics = try countMessage(String(repeating: "x\n", count: 100), sink).statistics
        #expect(sink.reasons.count == 100)
        #expect(sink.rests.isEmpty)
        #expect(statistics.deadLetteredTotal == 100)
    }

    @Test func aFileHasADeadLetterForEachRecord() throws {
        let counted = try count([Array(repeating: "x", count: 250)])
        #expect(counted.reasons.count == 250)
    }

    @Test func betweenSmallMessagesTheClockIsReadNowAndThen() {
        let watch = MessageWatch(interval: .zero)
        let looks = (0..<1_000).count { _ in watch.isDue(beforeMessages: 1) }
        #expect((1_000 / 100...1_000 / 10).contains(looks))
        let patient = MessageWatch(interval: .seconds(3600))
        #expect(!(0..<1_000).contains { _ in patient.isDue(beforeMessages: 1) })
    }

    @Test(arguments: [InputFormat.cloudTrail, .vpcFlow, .auto, .otlpJSON, .metricStreamJSON])
    func aMessageThatIsGivenUpIsLeftAtOnce(_ format: InputFormat) throws {
        let watch = MessageWatch(interval: .zero)
        var looks = 0
        watch.look = {
            looks += 1
            return false
        }
        let sink = MemorySink()
        let text = String(repeating: "2 x\n", count: 100_000)
        let counted = try countMessage(text, format: format, sink, watch: watch)
        #expect(counted.isGivenUp)
        #expect(looks == 1)
        #expect(sink.rests.isEmpty)
    }
}
