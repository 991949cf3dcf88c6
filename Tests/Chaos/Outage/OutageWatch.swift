import Sinks

/// Watches one engine through its life: that it says at once and each minute that the sink is away, and that it waits
/// between attempts for as long as the documentation says.
struct OutageWatch {
    /// When trouble was said last; nil while nothing fails, or since partitions came or went.
    private var saidAt: Double?
    /// It may be in trouble since before partitions came or went.
    private var mayHaveSaid = false
    /// By alert: failures in a row, and when the last one was.
    private var failures: [String: (count: Int, at: Double)] = [:]
    private(set) var warnings = 0
    private(set) var attempts = 0
    /// Of each wait the share of its ceiling: between a half and one.
    private(set) var shares: [Double] = []
    private(set) var problems: [String] = []

    mutating func posted(_ key: String, at now: Double, isDown: Bool) {
        attempts += 1
        guard isDown, let last = failures[key] else { return }
        let ceiling = Double(min(1 << min(last.count - 1, 9), 300))
        let waited = now - last.at
        if waited < ceiling / 2 - 0.001 {
            problems.append("\(key) was tried again after \(waited) s, its attempt \(last.count + 1)")
        }
        // Where the ceiling is five minutes, however many there were before.
        if last.count >= 10 { shares.append(waited / ceiling) }
    }

    /// - Parameter hasSaid: with the same answer.
    mutating func failed(_ key: String, at now: Double, hasSaid: Bool) {
        failures[key] = ((failures[key]?.count ?? 0) + 1, now)
        if hasSaid { (saidAt, mayHaveSaid) = (now, false) }
        if saidAt == nil {
            // Where it was in trouble before, the minute counts from here.
            if !mayHaveSaid { problems.append("a first failure at \(now) was not said at once") }
            saidAt = now
        }
        mayHaveSaid = false
    }

    mutating func said(at now: Double) {
        warnings += 1
        saidAt = now
    }

    /// The sink took something, or all that failed is settled: waits are no longer counted.
    mutating func took() { failures = [:] }
    mutating func recovered() { (saidAt, mayHaveSaid) = (nil, false) }

    /// Partitions came or went, and with them what failed.
    mutating func changed() {
        failures = [:]
        mayHaveSaid = mayHaveSaid || saidAt != nil
        saidAt = nil
    }

    mutating func look(at now: Double, since before: Double) {
        guard let saidAt, now - saidAt > 60 + (now - before) else { return }
        problems.append("nothing was said of the sink from \(saidAt) to \(now)")
        self.saidAt = now
    }
}
