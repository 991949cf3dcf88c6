import Foundation
import TestSupport
import Testing
import UpgradeFixtures

/// Makes a recording with the binary that `TIDEWATCH_BINARY` names; `Tests/UpgradeFixtures/record` runs it.
///
/// Two members, of which the first is killed, and stages of event time between which all is published: several epochs,
/// many updates, checkpoints and versions of each window record.
@Suite(.serialized, .enabled(if: recordingName != nil, "TIDEWATCH_RECORDING names what is to be recorded"))
struct UpgradeRecording {
    private static let stage = 15

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(.timeLimit(.minutes(20))) func record() throws {
        let recording = Recording(try #require(recordingName))
        let broker = try Broker.forRecordings()
        let pagerDuty = try EventsServer { _, _ in 202 }
        defer { pagerDuty.stop() }
        let settings = try ["first", "second"].map { _ in
            try RecordedSettings(broker, pagerDuty: pagerDuty, in: folder, isOld: true)
        }
        var members = [try RecordedMember("first", settings[0])]
        for begin in stride(from: 0, to: OutageTrace.recordedMinutes, by: Self.stage) {
            let end = begin + Self.stage
            if begin == 4 * Self.stage {
                members.append(try RecordedMember("second", settings[1]))
            }
            try broker.send((begin..<end).flatMap(OutageTrace.messages))
            if begin == 7 * Self.stage { members.removeFirst().kill9() }
            try awaitTotals(end, settings[0], members[0])
        }
        let last = try #require(members.first)
        try #require(try last.awaitJudged(OutageTrace.recordedMinutes), "\(last.said)")
        try #require(try last.awaitPosted(broker, pagerDuty), "\(last.said)")
        last.stop()

        let open = try JSON.lines(try settings[0].output(["alerts", "list", "--format", "json"]))
        #expect(open.count > 3, "\(open)")
        let records = try broker.recorded(Array(Recording.state.keys) + Recording.inputs.keys)
        for (place, group) in Dictionary(grouping: records, by: { "\($0.topic)/\($0.partition)" }) {
            #expect(group.map(\.offset) == (0..<Int64(group.count)).map { $0 }, "\(place) has gaps")
        }
        try recording.write(
            records, try broker.commits(),
            pagerDuty.requests.map { Recording.Notification($0.event) },
            report: String(decoding: try settings[0].report(), as: UTF8.self),
            alerts: try settings[0].alerts(),
            version: try Tidewatch.run(["--version"], in: folder).output)
    }

    /// Sums that are no whole numbers may be rounded by each flush in an older binary.
    private func awaitTotals(_ minutes: Int, _ settings: RecordedSettings, _ member: RecordedMember) throws {
        let expected = OutageTrace.counts(0..<minutes)
        var found: [String: OutageTrace.Counts] = [:]
        let isExact = try member.awaits {
            found = try recordedTotals(settings.report())
            return expected.allSatisfy { $0.key == OutageTrace.fractional || found[$0.key] == $0.value }
        }
        try #require(isExact, "\(minutes) minutes: found \(found), expected \(expected); \(member.said)")
    }
}

private let recordingName = ProcessInfo.processInfo.environment["TIDEWATCH_RECORDING"]
