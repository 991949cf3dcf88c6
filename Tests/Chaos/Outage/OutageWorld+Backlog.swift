import Sinks
import TelemetryModel

/// What the engines say of what waits, held against what does.
extension OutageWorld {
    /// Transitions that the member has read and the sink has not taken.
    private func untaken(by member: OutageMember) -> [FeedRecord] {
        member.reading.flatMap { partition, next in
            (feed.entries[partition] ?? []).prefix(Int(next)).map(\.record).filter { record in
                let alert = record.transition.alert
                let changes = feed.history.changes(of: alert.dedupKey.text)
                let place = changes.firstIndex { $0.time == alert.time } ?? 0
                return place >= changesTaken[alert.dedupKey.text, default: 0]
            }
        }
    }

    /// The backlog that is shown is at least what is not taken, and its oldest at least as old.
    func checkBacklog() {
        for member in members where member.life == .running {
            let missing = untaken(by: member)
            let waiting = member.engine.waiting
            if waiting < missing.count {
                problems.append("at \(now) \(waiting) are said to wait, and \(missing.count) do")
            }
            if let oldest = missing.map(\.writtenAt).min(), member.engine.oldestWaiting.map({ $0 > oldest }) ?? true {
                let said = member.engine.oldestWaiting.map { "\($0)" } ?? "nothing"
                problems.append("at \(now) the oldest that waits is said to be of \(said), and is of \(oldest)")
            }
        }
    }

    /// A quarter of an hour after the outage all that came before its end is taken.
    func checkCatchUp() {
        let late = members.filter { $0.life == .running }.flatMap { untaken(by: $0) }.filter {
            $0.writtenAt < OutageFeed.start.advanced(by: Int64(OutageFeed.outage.upperBound) * 1_000_000_000)
        }
        if !late.isEmpty { problems.append("\(late.count) transitions still wait a quarter of an hour later") }
    }
}
