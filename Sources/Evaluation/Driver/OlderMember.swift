import Accounting
import Records
import TelemetryModel

/// A member that doesn't read the form in which this one writes is running: it would skip what this one counts.
package struct OlderMember: Error, CustomStringConvertible {
    let source: SourcePartition
    let epoch: OwnerEpoch
    let reads: Int
    let form: RecordForm

    /// `nil` where the writer reads the form.
    package init?(_ written: WrittenEntry, form: RecordForm) {
        guard written.reads < form.rawValue else { return nil }
        (source, epoch) = written.owner
        reads = written.reads
        self.form = form
    }

    /// `nil` also where it wrote before this member came: then it may be gone.
    package init?(_ written: WrittenEntry, form: RecordForm, at offset: Int64, in shard: OwnedShard?) {
        guard let shard, offset >= shard.writtenSince else { return nil }
        self.init(written, form: form)
        // One that was declared dead, and that others have followed, is no member.
        if let held = shard.evaluator.reader.state(of: source).epoch, epoch < held { return nil }
    }

    package var description: String {
        "a member that reads records up to version \(reads) is running (it owns \(source), epoch \(epoch)), and this one is told to "
            + "write version \(form.rawValue): it would pass over what this one counts. Set outputs.recordVersion to \(reads) until "
            + "every member runs a release that reads version \(form.rawValue)"
    }
}

/// What a member finds out of others before it writes anything in a newer form.
///
/// Once it has counted, and one that doesn't read that has taken the source over, the other one's updates begin where it left
/// off itself: behind what both have counted they follow nothing, and nobody can read on. So it has to know before.
package struct OlderMembers {
    private let form: RecordForm
    /// Of each source the owner of the highest epoch.
    private var owners: [SourcePartition: (epoch: OwnerEpoch, older: OlderMember?)] = [:]

    package init(form: RecordForm) { self.form = form }

    /// Reads an entry of a shard's log; each source has its entries in all of them.
    ///
    /// - Returns: who wrote it, where that is an owner whom none has followed and who doesn't read the form.
    @discardableResult
    package mutating func read(_ written: WrittenEntry) -> OlderMember? {
        let (source, epoch) = written.owner
        if let held = owners[source], epoch < held.epoch { return nil }
        let older = OlderMember(written, form: form)
        owners[source] = (epoch, older)
        return older
    }

    /// Whether one may be running: an owner that none has followed doesn't read the form.
    package var arePossible: Bool { owners.values.contains { $0.older != nil } }
}

extension WrittenEntry {
    fileprivate var owner: (SourcePartition, OwnerEpoch) {
        switch entry {
        case .claim(let claim): (claim.source, claim.epoch)
        case .update(let update): (update.source, update.epoch)
        }
    }
}
