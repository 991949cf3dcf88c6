import Foundation
import TelemetryModel

/// When the groups of the sinks have ended a member's session, by the member's own log.
///
/// What a sink had taken and the log of notifications did not have yet is sent again by who follows, and by the member itself where
/// its partitions come back to it.
struct SessionLosses {
    private struct Line: Decodable {
        let time: String
        let message: String
        let sink: String?
    }

    /// One member's after another's.
    let all: [Interruption]

    init(of members: [Member]) throws {
        let now = (wall: Date(), monotonic: ContinuousClock.now)
        all = try members.flatMap { member in
            try Data(contentsOf: member.log).split(separator: UInt8(ascii: "\n")).compactMap { line -> Interruption? in
                guard let line = try? JSONDecoder().decode(Line.self, from: Data(line)),
                    line.message.contains("the group ended this member's session"),
                    let sink = line.sink.flatMap(PageSink.init(rawValue:)), let time = Timestamp(rfc3339: line.time)
                else { return nil }
                let age = Duration.seconds(now.wall.timeIntervalSince1970 - Double(time.nanoseconds) / 1e9)
                return Interruption(
                    .loss(sink), slot: member.slot, at: member.clock == nil ? now.monotonic - age : nil)
            }
        }
    }
}
