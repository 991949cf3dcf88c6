import Statistics
import TelemetryModel

// New groups are judged against the others.
//
// Of a new group nothing is known, and who attacks from a new address does it in its first windows. So until a group has values enough to be
// judged by, it is judged by what is usual in the other groups of the monitor, as far as these have values enough, and are enough (`PeerRange`).
// What is flagged by that is not learnt, as ever.
//
// What comes of it is a function of the windows, and of nothing else:
//
// - The others are seen as they were before the window, whatever place a group has in it: each knows what was usual before its last window
//   (`before`), and none is left out before the window is passed. Their sums are exact, so it does not matter in which order they became known,
//   which a restart changes.
// - Shards share the groups out by a hash of their names, and so a group's others are those of its shard. A replay has all groups in one
//   monitor, and keeps their shards apart by `shard`.
// - A restart goes on from the states that were published, and is shown again the windows of the round in which it was killed. A group whose state
//   was published in that round is ahead: its windows are out of order and change nothing, but for another group, whose state was not, it would be
//   one of the others as it was later. So states are published in an order, and are read back in it, as they lie in one partition: the later the
//   last window in which a group was new (`newThrough`), the earlier its state. Let A be ahead and B not, and B new in a window. Then A was
//   new up to a window that is no earlier, and was none of the others in that one. Its state says so, and it isn't now. One case is left: a group that
//   is known, gone and back, and new again, all in one round. Alerts are published before states, and are not taken back.
extension AnomalyMonitor {
    /// Takes down what was usual before `window`, once for each window in which somebody asks.
    ///
    /// Complexity: the first time O(w), w groups being watched, and those not watched cost nothing; then O(1). A window of known groups alone does
    /// not ask, and however many new groups one has, it asks once.
    mutating func preparePeers(_ window: Timestamp) {
        if peersWindow == window { return }
        peersWindow = window
        peers = [:]
        // Those known well enough are watched.
        guard watched.count >= PeerRange.countMin else { return }
        var states: [Int32: [Detector.State]] = [:]
        for number in watched {
            let group = groups[number]
            peerReadCount += 1
            let state = group.lastWindow < window ? group.series.usual : group.before
            guard plan.terms.detector.isWarm(state) else { continue }
            if let newThrough = group.newThrough, newThrough >= window { continue }
            states[group.shard, default: []].append(state)
        }
        peers = states.compactMapValues { PeerRange($0, plan.terms.detector) }
    }

    /// By what a group is judged that is not known well enough; `nil` where it is, or the others are too few.
    mutating func peers(of number: Int, in window: Timestamp) -> PeerRange? {
        if plan.terms.detector.isWarm(groups[number].series.usual) { return nil }
        if tracksChanges { groups[number].newThrough = window }
        preparePeers(window)
        return peers[groups[number].shard]
    }
}
