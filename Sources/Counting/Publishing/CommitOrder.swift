import Accounting

/// What is handed to who commits, once every shard has acknowledged it.
///
/// A commit is for lag monitors and for where a successor begins to read back. So of each partition only the newest matters:
/// what comes while a commit is under way takes the place of what waits.
package struct CommitOrder: Hashable, Sendable {
    package let commits: [SourceCommit]
    /// Partitions that are given back, which is done when the commit was tried.
    package let released: [ReleaseToken]

    package init(commits: [SourceCommit], released: [ReleaseToken] = []) {
        self.commits = commits
        self.released = released
    }

    /// One order for those that were handed over, in that order. Of each partition it has the last commit: an owner's offsets
    /// never go down, and of an earlier owner's epoch none is to be made.
    package init(merging orders: [CommitOrder]) {
        var newest: [SourcePartition: SourceCommit] = [:]
        for commit in orders.lazy.flatMap(\.commits) {
            if let held = newest[commit.source], held.epoch > commit.epoch { continue }
            newest[commit.source] = commit
        }
        commits = newest.sorted { $0.key < $1.key }.map(\.value)
        released = orders.flatMap(\.released)
    }
}
