import Accounting
import Records
import TelemetryModel

/// A member that doesn't read the form in which this one writes is running: it would pass over what this one counts.
package struct OlderMember: Error, CustomStringConvertible {
    let source: SourcePartition
    let epoch: OwnerEpoch
    let reads: Int
    let form: RecordForm

    /// `nil` where the writer reads the form, or wrote before this member came: then it may be gone.
    package init?(_ written: WrittenEntry, form: RecordForm, at offset: Int64, in shard: OwnedShard?) {
        guard let shard, written.reads < form.rawValue, offset >= shard.writtenSince else { return nil }
        switch written.entry {
        case .claim(let claim): (source, epoch) = (claim.source, claim.epoch)
        case .update(let update): (source, epoch) = (update.source, update.epoch)
        }
        // One that was declared dead, and that others have followed, is no member.
        if let held = shard.evaluator.reader.state(of: source).epoch, epoch < held { return nil }
        self.reads = written.reads
        self.form = form
    }

    package var description: String {
        "a member that reads records up to version \(reads) is running (it owns \(source), epoch \(epoch)), and this one is told to "
            + "write version \(form.rawValue): it would pass over what this one counts. Set outputs.recordVersion to \(reads) until "
            + "every member runs a release that reads version \(form.rawValue)"
    }
}
