import Accounting
import JSON
import TelemetryModel

/// What an evaluator knows of one series of an evaluated kind: a record of `tidewatch.checkpoints`.
///
/// Each kind has its own form of it, with the member `kind` first, by which the records of the topic are told apart.
package protocol StateRecord: Sendable, Equatable {
    /// The value of the member `kind`, with which the keys begin too.
    static var kind: String { get }

    /// Of what it is the state, as a key without the epoch: among the records of one series the newest counts.
    var series: String { get }

    /// Set by who publishes it.
    var shard: Int32 { get set }
    var epoch: OwnerEpoch { get set }

    /// Of two that are equally new the later one counts.
    func isNewer(than other: Self) -> Bool

    func json(in form: RecordForm) -> [UInt8]

    init(json bytes: [UInt8]) throws(JSONCursorError)
}

extension StateRecord {
    /// Each epoch has keys of its own, so that compaction never drops a record for one that a dead owner writes late.
    package var key: String { "\(series)/\(epoch.rawValue)" }
}
