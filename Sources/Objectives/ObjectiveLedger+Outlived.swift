// Each owner writes a block's record under a key of its own, so that one that was declared dead and writes late can't make
// compaction drop its successor's record. Of several records readers take the one that includes most of the log.
//
// The successor must not take the other's record back as soon as its own is published. The other may go on for a while: it writes
// a record that includes more of the log, and after that its checkpoint. Taken back behind that, the record is gone; and who
// starts from that checkpoint, which is the furthest, would miss what only the record had. So the records of others stay until
// their block is downsampled or forgotten, days later, when nobody writes them any more. There are as many of them as blocks that
// changed after a takeover.

extension ObjectiveLedger {
    /// A record of another owner, whose place this one's has taken.
    struct OutlivedRecord: Sendable {
        let slices: Range<Int64>
        let key: String
    }

    /// Remembers what is to be taken back later.
    mutating func outlive(_ key: String, of slices: Range<Int64>) {
        outlived.append(OutlivedRecord(slices: slices, key: key))
    }

    /// The slices are in a downsampled day now: nothing is written of them any more but that day.
    mutating func takeBackOutlived(in downsampled: Range<Int64>) {
        takeBackOutlived { $0.slices.count < downsampled.count && downsampled.contains($0.slices.lowerBound) }
    }

    /// No window reaches what ends by `slice`.
    mutating func takeBackOutlived(before slice: Int64) {
        takeBackOutlived { $0.slices.upperBound <= slice }
    }

    private mutating func takeBackOutlived(where isOver: (OutlivedRecord) -> Bool) {
        if outlived.isEmpty { return }
        superseded += outlived.filter(isOver).map(\.key)
        outlived.removeAll(where: isOver)
    }
}
