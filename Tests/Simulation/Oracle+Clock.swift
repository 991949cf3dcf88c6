import Accounting
import Counting
import Records
import TelemetryModel

/// How the records of one life of a source were judged: by the readings of the clock in the updates that took them in, whichever shard
/// was the first to.
struct Judgement {
    /// How much later than a reading a record may be dated.
    static let toleranceSeconds = 300

    /// By offset: whether the record is dated too far ahead; `nil` where no shard has taken it in.
    private var refused: [Bool?] = []
    /// The latest event time before each offset; `Int.min` where there is none.
    private var watermarks: [Int] = [Int.min]

    func isRefused(_ offset: Int) -> Bool { offset < refused.count && refused[offset] ?? false }

    var refusedCount: Int { refused.count { $0 == true } }

    /// Before an offset of which some shard has taken in what lies before it.
    func watermark(before offset: Int) -> Int { watermarks[min(offset, refused.count)] }

    /// Judges a range.
    ///
    /// - Returns: what is wrong: an offset whose record another shard has by another verdict.
    mutating func judge(_ life: SourceLife, from: Int, to: Int, by clock: Int) -> Int? {
        while refused.count < from { append(life.records[refused.count], nil) }
        for offset in from..<to {
            let record = life.records[offset]
            let verdict = record.map { !$0.isDuplicate && $0.eventSeconds > clock + Judgement.toleranceSeconds }
            if offset == refused.count {
                append(record, verdict)
            } else if let known = refused[offset] {
                if known != verdict { return offset }
            } else {
                refused[offset] = verdict
            }
        }
        return nil
    }

    private mutating func append(_ record: SourceRecord?, _ verdict: Bool?) {
        refused.append(verdict)
        let last = watermarks[watermarks.count - 1]
        let isCounted = record.map { !$0.isDuplicate } ?? false && verdict != true
        watermarks.append(isCounted ? max(last, record?.eventSeconds ?? last) : last)
    }
}

extension Oracle {
    /// What is wrong with the reading of the clock in an update: it is to be one of the broker's, no older than a minute for any of the
    /// range's records.
    static func complaint(ofReading clock: Int, at now: Int, of records: ArraySlice<SourceRecord?>) -> String? {
        if clock > now { return "judged by a clock that is \(clock - now) s ahead of the broker's" }
        guard let last = records.compactMap({ $0?.producedSeconds }).max(), last - clock > 60 else { return nil }
        return "judged by a clock that was \(last - clock) s behind the broker's at least"
    }
}

extension Source {
    /// The first of its records that is refused and never was made a dead letter.
    func missingLetter(_ judgements: [Judgement], _ letters: Set<SourcePoint>) -> SourcePoint? {
        for (life, judgement) in judgements.enumerated() {
            for offset in lives[life].records.indices where judgement.isRefused(offset) {
                let point = SourcePoint(incarnation: Int32(life), offset: Int64(offset))
                if !letters.contains(point) { return point }
            }
        }
        return nil
    }
}

/// Keeps the places of the dead letters of a partition's life.
final class LetterOutlet: RecordSink {
    private unowned let world: World
    private let partition: Int
    var incarnation: Int

    init(_ world: World, partition: Int, incarnation: Int) {
        self.world = world
        self.partition = partition
        self.incarnation = incarnation
    }

    func audit(_ record: [UInt8], at position: SourcePosition) {}

    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition) {
        guard case .kafka(_, _, let offset, _) = position else { return }
        world.letters[partition].insert(SourcePoint(incarnation: Int32(incarnation), offset: offset))
    }
}
