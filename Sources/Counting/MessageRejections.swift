import TelemetryModel

/// The rejected records of one message: the first have a dead letter each, the others one together, which keeps the message.
///
/// Four kilobytes of gzip can hold two million lines that are no records, and a topic must not grow by a gigabyte for them.
/// Each record is still counted. A record without a letter of its own costs no allocation.
package struct MessageRejections {
    /// Dead letters of single records of a message.
    static let lettersMax = 100

    /// The records of a message that have no letter of their own.
    package struct Rest: Equatable {
        /// How many for each reason; none is 0.
        package let counts: [RejectionReason: Int]
        /// The index of the first of them.
        let first: Int

        package var count: Int { counts.values.reduce(0, +) }

        /// "2097052 more records of this message were rejected: 2097052 invalid_json".
        package var detail: String {
            let listed = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
            return "\(count) more records of this message were rejected: \(listed.joined(separator: ", "))"
        }
    }

    private var letters = 0
    private var first: Int?
    private var counts: [RejectionReason: Int] = [:]
    /// The last records' common reason and how many they are, apart from `counts`, so that a run of them hashes nothing.
    private var run: (reason: RejectionReason, count: Int)?

    /// Whether the next record has a letter of its own.
    var hasRoom: Bool { letters < MessageRejections.lettersMax }

    /// Takes a rejected record in. Returns whether it has a letter of its own.
    @inline(__always)
    mutating func admit(_ reason: RejectionReason, record: Int) -> Bool {
        if letters < MessageRejections.lettersMax {
            letters &+= 1
            return true
        }
        if run?.reason == reason {
            run?.count &+= 1
        } else {
            begin(reason, record: record)
        }
        return false
    }

    @inline(never)
    private mutating func begin(_ reason: RejectionReason, record: Int) {
        settleRun()
        first = first ?? record
        run = (reason, 1)
    }

    private mutating func settleRun() {
        if let run { counts[run.reason, default: 0] += run.count }
        run = nil
    }

    /// What has no letter yet, if there is something; and makes ready for the next message.
    mutating func takeRest() -> Rest? {
        settleRun()
        defer { self = MessageRejections() }
        return first.map { Rest(counts: counts, first: $0) }
    }
}
