/// Looks up from a long message now and then, so that a thread does not forget everything else over it.
///
/// A message may hold some ten million records. The counting stage says what it has done; after a tenth of a second or so the
/// thread that owns the partition is asked whether to go on. A message that is given up is as if it had not been read.
///
/// Belongs to one thread. Reading the clock costs as much as a record, so it is read once for a good many of them.
package final class MessageWatch {
    /// Between two looks at the clock, about: a record is one unit for each engine that counts it, a batch some more.
    private static let unitsMax = 1 << 16
    static let unitsOfCall = 16
    /// As many are some 100 µs of work.
    private static let unitsBetweenMessages = 1 << 10

    /// Asked inside a message; false gives the message up.
    package var look: () -> Bool = { true }
    private let interval: Duration
    private let clock = ContinuousClock()
    private var last = ContinuousClock.now
    private var units = 0

    /// - Parameter interval: between two looks at the least.
    package init(interval: Duration = .milliseconds(100)) {
        self.interval = interval
    }

    /// Notes work done. Returns whether to go on.
    @inline(__always)
    func goesOn(after work: Int) -> Bool {
        units &+= work
        return units < MessageWatch.unitsMax || lookUp()
    }

    /// Whether it is time to look up, and starts the next interval if so: for who asks before each message. The clock is only
    /// read when some small messages, or one with a few hundred records, came since it was.
    package func isDue(beforeMessages count: Int) -> Bool {
        units &+= count &* MessageWatch.unitsOfCall
        return units >= MessageWatch.unitsBetweenMessages && isDue()
    }

    private func isDue() -> Bool {
        units = 0
        let now = clock.now
        guard last.duration(to: now) >= interval else { return false }
        last = now
        return true
    }

    @inline(never)
    private func lookUp() -> Bool { isDue() ? look() : true }
}
