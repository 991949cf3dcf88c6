import Foundation
import Statistics

/// What is wrong with the clock of a member's host.
enum HostClock: String {
    case right
    case ahead
    case behind
    case stepping
    case hourAhead
    case hourBehind
    /// Right, an hour ahead for a few seconds, and right again.
    case hourStepping

    private static let near: [HostClock] = [.ahead, .stepping, .behind, .right]
    private static let far: [HostClock] = [.hourAhead, .hourBehind, .hourStepping]

    /// Within the minute that a member may be off and still count.
    var isNear: Bool { HostClock.near.contains(self) }

    /// What it says beside the broker's: seconds ahead of it, the one after the other, each for so many seconds.
    private var offsets: String {
        switch self {
        case .right: "0"
        case .ahead: "40"
        case .behind: "-40"
        case .stepping: "40,-40@3"
        case .hourAhead: "3600"
        case .hourBehind: "-3600"
        // Some seconds after its start it may have its partitions.
        case .hourStepping: "0,3600,0@7"
        }
    }

    /// The variables of a process on such a host.
    func environment(library: URL) -> [String: String] {
        ProcessInfo.processInfo.environment.merging(["LD_PRELOAD": library.path, "HOST_CLOCK": offsets]) { $1 }
    }

    /// Which clock the next member has: each of both kinds in turn.
    struct Deal {
        /// Together they are half of the places that there are: the others can take over what there is.
        private static let farMax = 2
        private var random: SeededGenerator
        private var nextNear: Int
        private var nextFar: Int

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed ^ 0x636C_6F63_6B73)
            nextNear = random.below(near.count)
            nextFar = random.below(far.count)
        }

        /// - Parameter others: of the members that are at work.
        mutating func next(beside others: [HostClock]) -> HostClock {
            let isSecond = random.chance(0.4)
            let farCount = others.count { !$0.isNear }
            // One of them is nearly always there, beside one that counts.
            if farCount < others.count, farCount == 0 || isSecond && farCount < Deal.farMax {
                nextFar += 1
                return far[nextFar % far.count]
            }
            nextNear += 1
            return near[nextNear % near.count]
        }
    }
}
