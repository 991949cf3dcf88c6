import TelemetryModel

/// Rows of small messages that come one after another in a partition, to be counted together: what decides, counts and audits stays in
/// the processor's caches from one row to the next, where the ways through a message are longer than a cache of instructions.
///
/// A row's index has the number of its message in its upper half, and the record's index in the message in the lower one.
///
/// Belongs to one thread. The memory of rows and bytes is kept.
package final class MessageRows {
    /// Messages that are counted together at most, and their bytes: a cache of the second level holds them with what counts them.
    package static let messagesMax = 64
    package static let bytesMax = 96 << 10
    /// A message that is larger is counted by itself.
    package static let messageBytesMax = 16 << 10
    private static let messageRowsMax = 64

    /// All of it in one value: it is reached once for a message, whatever is done with it.
    private var held = Held()

    package init() {}

    var isEmpty: Bool { held.offsets.isEmpty }
    /// The latest event time.
    var latest: Timestamp? { held.batch?.latest }

    /// Whether there can be room for these rows.
    static func takes(_ batch: borrowing EventBatch, _ payload: RawSpan) -> Bool {
        batch.projection.kind == .cloudTrail && batch.count <= messageRowsMax && payload.byteCount <= messageBytesMax
    }

    /// Copies a message's rows, and the bytes that they lie in.
    ///
    /// - Returns: false where there is no room until those before are lent.
    func append(_ rows: borrowing EventBatch, payload bytes: RawSpan, of offset: Int64) -> Bool {
        held.append(rows, payload: bytes, of: offset)
    }

    /// Lends all rows, with where they are from, and forgets them.
    func lend(_ cursor: SourceCursor, _ body: (borrowing EventBatch, RawSpan, SourceCursor) -> Void) {
        guard !isEmpty, var rows = held.batch.take() else { return }
        unsafe body(rows, held.payload.span.bytes, cursor.of(messages: held.offsets))
        rows.removeAll()
        held.batch = consume rows
        held.payload.removeAll(keepingCapacity: true)
        held.offsets.removeAll(keepingCapacity: true)
    }

    private struct Held: ~Copyable {
        var batch: EventBatch?
        var payload: [UInt8] = []
        /// Of the messages that have rows.
        var offsets: [Int64] = []

        init() {
            payload.reserveCapacity(MessageRows.bytesMax)
            offsets.reserveCapacity(MessageRows.messagesMax)
        }

        mutating func append(_ rows: borrowing EventBatch, payload bytes: RawSpan, of offset: Int64) -> Bool {
            if batch == nil { batch = EventBatch(projection: rows.projection) }
            let isNext = offsets.last != offset
            guard (batch?.count ?? 0) &+ rows.count <= EventBatch.defaultCapacity,
                payload.count &+ bytes.byteCount <= MessageRows.bytesMax,
                !isNext || offsets.count < MessageRows.messagesMax
            else { return false }
            let start = payload.count
            unsafe bytes.withUnsafeBytes { unsafe payload.append(contentsOf: $0) }
            if isNext { offsets.append(offset) }
            batch?.append(rows, at: start, indicesFrom: (offsets.count &- 1) << SourceCursor.messageShift)
            return true
        }
    }
}
