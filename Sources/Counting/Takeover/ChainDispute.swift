import Accounting

/// What a shard's log says of an owner's source that the owner did not do.
package enum ChainDispute: Hashable, Sendable {
    /// The chain is in a higher epoch: another member has followed, or somebody has claimed it who is none.
    case superseded(SourcePartition, epoch: OwnerEpoch, by: OwnerEpoch)
    /// The chain is further, in the owner's own epoch, than it has told.
    case continued(SourcePartition, epoch: OwnerEpoch, through: SourcePoint)

    package var source: SourcePartition {
        switch self {
        case .superseded(let source, _, _), .continued(let source, _, _): source
        }
    }

    package var epoch: OwnerEpoch {
        switch self {
        case .superseded(_, let epoch, _), .continued(_, let epoch, _): epoch
        }
    }
}

extension ReadBack {
    /// Holds the chains against what their owner knows.
    ///
    /// - Parameters:
    ///   - owned: the epochs in which it owned the sources before the logs were read.
    ///   - sent: as it is once they were read.
    package func disputes(of owned: [SourcePartition: OwnerEpoch], sent: SentThrough) -> [ChainDispute] {
        owned.sorted { $0.key < $1.key }.compactMap { source, epoch in
            let chains = shards.map { $0.state(of: source) }
            if let held = chains.compactMap(\.epoch).max(), held > epoch {
                return .superseded(source, epoch: epoch, by: held)
            }
            let foreign = chains.first { chain in
                chain.epoch == epoch && chain.through.map { !sent.isKnown($0, of: source) } ?? false
            }
            return foreign?.through.map { .continued(source, epoch: epoch, through: $0) }
        }
    }
}
