import Foundation

/// The clocks of a fleet's hosts, each of which may be wrong, and what their members have to do by them.
///
/// A member that is off by more than a minute takes no partitions and says so, as long as it is off; all others count as ever, and
/// what they count and page is what the run's other checks hold against the ledger.
final class HostClocks {
    private struct Start {
        let name: String
        let clock: HostClock
        let log: URL
    }

    /// In so many kills each clock is there often enough that its members come to say something.
    private static let many = 50

    private let library: URL
    private let journal: Journal
    private var deal: HostClock.Deal
    private var starts: [Start] = []

    /// - Throws: where the library is missing that shifts a process's clock.
    init(_ options: ChaosOptions, journal: Journal) throws {
        library = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("libHostClock.so")
        guard FileManager.default.fileExists(atPath: library.path) else {
            throw ChaosOptions.Problem(description: "\(library.path) is missing: swift build --product HostClock")
        }
        self.journal = journal
        deal = HostClock.Deal(seed: options.seed)
    }

    /// The host of the next member.
    ///
    /// - Parameter others: the clocks of those that are at work.
    func next(beside others: [HostClock]) -> (clock: HostClock, environment: [String: String]) {
        let clock = deal.next(beside: others)
        return (clock, clock.environment(library: library))
    }

    func note(_ member: Member) {
        guard let clock = member.clock else { return }
        starts.append(Start(name: member.name, clock: clock, log: member.log))
    }

    // MARK: The end

    /// What every member did, by its own log; and that each thing was done that is to be shown.
    ///
    /// - Parameter kills: few of them may leave no member of some clock at work for long enough.
    func check(after kills: Int) {
        var took: [HostClock: Int] = [:]
        var refused: [HostClock: Int] = [:]
        var returned = 0
        for start in starts {
            let course = ClockCourse(of: start.log, inputs: Topics.inputs)
            for problem in course.problems(with: start.clock) {
                journal.problem("\(start.name), \(start.clock): \(problem)")
            }
            if course.assignments > 0 { took[start.clock, default: 0] += 1 }
            if !course.refusals.isEmpty { refused[start.clock, default: 0] += 1 }
            returned += course.returns
        }
        func text(_ counts: [HostClock: Int]) -> String {
            counts.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", ")
        }
        journal.note(
            "of \(starts.count) members took partitions: \(text(took)); none, and said so: \(text(refused)); \(returned) came back"
        )
        let least = max(1, kills / 10)
        for (kinds, counts, what) in [
            ([HostClock.right, .ahead, .behind, .stepping], took, "took partitions"),
            ([.hourAhead, .hourBehind, .hourStepping], refused, "said that it takes none"),
        ] {
            let sum = kinds.reduce(0) { $0 + (counts[$1] ?? 0) }
            if sum < least {
                let names = kinds.map(\.rawValue).joined(separator: ", ")
                journal.problem("\(sum) members of \(names) \(what): fewer than \(least)")
            }
            // Each is the next in turn, so that of many there are some of each.
            for kind in kinds where kills >= HostClocks.many && counts[kind] ?? 0 == 0 {
                journal.problem("no member \(what) whose clock is \(kind)")
            }
        }
        if kills >= HostClocks.many, returned == 0 {
            journal.problem("no member's clock came back, and it took partitions again")
        }
    }
}
