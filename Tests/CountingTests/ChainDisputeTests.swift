import Accounting
import Records
import Testing

@testable import Counting

/// What an owner finds in the logs that it did not do.
@Suite struct ChainDisputeTests {
    private static let source = SourcePartition(topic: "t", partition: 0)
    private static let epoch = OwnerEpoch(generation: 3)

    private typealias Entry = ShardEntry<ChangelogAmounts>

    private static func update(_ epoch: OwnerEpoch, _ from: Int64?, _ to: Int64) -> Entry {
        .update(
            ChangelogUpdate(
                source: source, epoch: epoch, from: from.map { SourcePoint(offset: $0) }, to: SourcePoint(offset: to),
                progress: SourceProgress(), amounts: ChangelogAmounts()))
    }

    /// What is found in two shards, the second of which holds these entries too, by an owner that has told up to offset 20.
    private func disputes(with more: [Entry]) -> [ChainDispute] {
        let claim = Claim(source: Self.source, epoch: Self.epoch)
        var found = ReadBack([Self.source: claim], from: ReadBackPlaces(shards: 2))
        let honest = [Entry.claim(claim), Self.update(Self.epoch, nil, 10), Self.update(Self.epoch, 10, 20)]
        for (shard, log) in [honest, honest + more].enumerated() {
            for (offset, entry) in log.enumerated() {
                found.read(
                    entry.json, of: Self.source,
                    at: TopicPlace(topic: "r", partition: Int32(shard), offset: Int64(offset)))
            }
        }
        var sent = SentThrough()
        sent.note(Self.source, to: SourcePoint(offset: 20))
        sent.note(Self.source, to: SourcePoint(offset: 10))
        return found.disputes(of: [Self.source: Self.epoch], sent: sent)
    }

    @Test func whatTheOwnerHasWrittenIsNoDispute() {
        #expect(disputes(with: []).isEmpty)
        // Void, whoever wrote it.
        #expect(disputes(with: [.claim(Claim(source: Self.source, epoch: OwnerEpoch(generation: 2)))]).isEmpty)
        #expect(disputes(with: [Self.update(Self.epoch, 10, 20), Self.update(Self.epoch, 30, 40)]).isEmpty)
    }

    @Test func aClaimOrAnUpdateOfAHigherEpochInOneShardIsOne() {
        let other = OwnerEpoch(generation: 1003)
        let expected = [ChainDispute.superseded(Self.source, epoch: Self.epoch, by: other)]
        #expect(disputes(with: [.claim(Claim(source: Self.source, epoch: other))]) == expected)
        #expect(disputes(with: [Self.update(other, 20, 25)]) == expected)
    }

    @Test func anUpdateInTheOwnersNameThatGoesFurtherThanItIsOne() {
        #expect(
            disputes(with: [Self.update(Self.epoch, 20, 21)])
                == [.continued(Self.source, epoch: Self.epoch, through: SourcePoint(offset: 21))])
    }
}
