import Accounting

/// Under which epochs this member owns source partitions, which are those that it may commit.
///
/// The broker takes a commit from any member of the present generation, whoever owns the partition. A late one would carry a
/// hint of the old owner's epoch to the next but one, and so lead it past claims that it must see.
package struct OwnedEpochs: Sendable {
    package private(set) var epochs: [SourcePartition: OwnerEpoch] = [:]

    package init() {}

    package mutating func open(_ owned: [SourcePartition: OwnerEpoch]) {
        epochs.merge(owned) { $1 }
    }

    package mutating func close(_ partitions: some Sequence<SourcePartition>) {
        for partition in partitions { epochs[partition] = nil }
    }

    /// Those that may be made.
    package func allowed(_ commits: [SourceCommit]) -> [SourceCommit] {
        commits.filter { epochs[$0.source] == $0.epoch }
    }
}
