import Accounting
import Counting
import KafkaClient
import Observability
import Runtime

/// What an owner does where a shard's log says that it is none, or says more in its name than it has written.
///
/// The group is asked first whether the partition is this member's still. Superseded, it counts for nobody: evaluators pass its
/// updates over. So it commits nothing of the partition any more, forgets what it has counted since its last update, and takes the
/// partition over anew, by the evaluators' checkpoints alone, because what it has left in the group since is untrue. It goes on in
/// a higher epoch where the chains end, and counts again what was passed over.
///
/// Serves on the thread that serves the group.
struct DisputedChains {
    let shared: PipelineContext
    let consumer: KafkaConsumer
    let delegate: RebalanceDelegate
    private let found = Mailbox<[ChainDispute]>()

    init(_ shared: PipelineContext, _ consumer: KafkaConsumer, _ delegate: RebalanceDelegate) {
        self.shared = shared
        self.consumer = consumer
        self.delegate = delegate
    }

    /// From any thread.
    var take: @Sendable ([ChainDispute]) -> Void { { [found] in found.put($0) } }

    func serve() {
        guard let disputes = found.takeAll(timeout: 0)?.last else { return }
        let mine: [ChainDispute]
        do { mine = try disputes.filter { try delegate.owns($0.source, in: $0.epoch, consumer) } } catch {
            // The next look finds the same.
            return shared.logger.warning(
                "the group does not say whose partitions are that the registers give to another owner",
                metadata: ["error": "\(error)"])
        }
        guard let first = mine.first else {
            if !delegate.isTakingAnew { shared.readiness.settle() }
            return
        }
        shared.readiness.dispute(
            "the registers say that \(first.source) is not this member's: somebody else writes there")
        for dispute in mine { settle(dispute) }
    }

    private func settle(_ dispute: ChainDispute) {
        let partition = TopicPartition(dispute.source)
        switch dispute {
        case .superseded(_, let epoch, let other):
            shared.metrics.add(.chainsSuperseded, [("topic", partition.topic)])
            shared.logger.error(
                """
                the registers say that a partition is another owner's, though the group has it here: a claim that no member made. It is \
                taken over anew, and counted on where the registers end
                """,
                metadata: ["partition": "\(partition)", "epoch": "\(epoch)", "superseded_by": "\(other)"])
            do throws(KafkaError) { try delegate.giveUp(partition, of: consumer) } catch {
                shared.fail("a partition that was superseded could not be taken over anew: \(error)")
            }
        case .continued(_, let epoch, let through):
            shared.fail(
                "the registers hold an update of \(partition) up to \(through) in this member's epoch \(epoch) that it did not write: somebody "
                    + "else writes there, and what that says is counted. See docs/trust.md")
        }
    }
}
