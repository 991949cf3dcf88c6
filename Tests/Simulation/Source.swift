import Accounting
import Statistics
import TelemetryModel

/// A record of an input topic: one event.
struct SourceRecord {
    let eventSeconds: Int
    /// When it reached the broker, by its clock.
    let producedSeconds: Int
    let identity: Int
    let isFailed: Bool
    /// Which of the names it has.
    let name: Int
    let bytes: [UInt8]
    let fingerprint: RecordFingerprint
    /// Its identity stands among the records of the last `SourceLife.identityWindow` offsets.
    let isDuplicate: Bool

    static func bytes(seconds: Int, identity: Int, isFailed: Bool, name: Int) -> [UInt8] {
        let digits = String(identity)
        let id = String(repeating: "0", count: 12 - digits.utf8.count) + digits
        let code = isFailed ? #","errorCode":"X""# : ""
        return Array(
            (#"{"eventTime":"\#(Estate.time(seconds))","eventName":"\#(Estate.names[name])"\#(code),"#
                + #""eventID":"b6a3c1f2-0000-4000-8000-\#(id)"}"#).utf8)
    }
}

/// One source partition between the making of its topic and its deletion.
struct SourceLife {
    /// Over how many offsets duplicates are looked for.
    static let identityWindow = 8

    /// By offset; `nil` where a control record or compaction left none.
    private(set) var records: [SourceRecord?] = []
    private(set) var low = 0

    var high: Int { records.count }

    mutating func append(_ record: SourceRecord?) { records.append(record) }

    func isIdentity(_ identity: Int, before offset: Int) -> Bool {
        (max(low, offset - SourceLife.identityWindow)..<max(low, offset)).contains {
            records[$0]?.identity == identity
        }
    }

    /// The record before `offset`, if it can be read.
    func tail(before offset: Int) -> RecordFingerprint? {
        offset <= high && offset > low ? records[offset - 1]?.fingerprint : nil
    }

    /// Retention takes what lies before `offset`, unless a duplicate behind it would lose its original.
    mutating func expire(to offset: Int) -> Bool {
        guard offset > low, offset <= high else { return false }
        for place in offset..<min(high, offset + SourceLife.identityWindow) {
            guard let record = records[place], record.isDuplicate else { continue }
            let original = (max(offset, place - SourceLife.identityWindow)..<place).contains {
                records[$0]?.identity == record.identity
            }
            if !original { return false }
        }
        low = offset
        return true
    }

    /// What the records from `from` to `to` add, and the watermark after them: the definition that everything else is compared
    /// with.
    func counts(
        from: Int, to: Int, release: Int, _ judgement: Judgement
    ) -> (counts: Counts, watermark: Int) {
        var counts = Counts()
        var watermark = judgement.watermark(before: from)
        var (callsLate, jobsLate, noticedAt) = (Int64(0), Int64(0), 0)
        for offset in from..<to {
            guard let record = records[offset], !record.isDuplicate, !judgement.isRefused(offset) else { continue }
            let isJob = release == 0 || record.name == 1
            if watermark != Int.min, record.eventSeconds < watermark - Estate.horizonSeconds {
                callsLate += 1
                if isJob { jobsLate += 1 }
                noticedAt = watermark
            } else {
                let slice = record.eventSeconds / Estate.sliceSeconds
                counts.add(1, .callsTotal, slice: slice)
                counts.add(1, .groupsTotal, slice: slice)
                if isJob { counts.add(1, .jobsTotal, slice: slice) }
                if !record.isFailed { counts.add(1, .callsGood, slice: slice) }
                if !record.isFailed { counts.add(1, .groupsGood, slice: slice) }
                if !record.isFailed, isJob { counts.add(1, .jobsGood, slice: slice) }
                counts.add(1, record.name == 0 ? .first : .second, slice: slice)
                watermark = max(watermark, record.eventSeconds)
            }
        }
        counts.add(callsLate, .callsLate, slice: noticedAt / Estate.sliceSeconds)
        counts.add(callsLate, .groupsLate, slice: noticedAt / Estate.sliceSeconds)
        counts.add(jobsLate, .jobsLate, slice: noticedAt / Estate.sliceSeconds)
        return (counts, watermark)
    }
}

/// All lives of one source partition.
struct Source {
    let partition: SourcePartition
    private(set) var lives = [SourceLife()]
    private var identities = 0

    init(partition: Int) {
        let topic = Estate.inputTopics[min(partition, 1)]
        self.partition = SourcePartition(topic: topic, partition: Int32(partition))
    }

    var life: Int { lives.count - 1 }
    var current: SourceLife { lives[lives.count - 1] }

    /// Somebody produces a record at the broker's time `now`.
    ///
    /// - Parameter ahead: by how many seconds it is dated in the future, if it is and is not delivered before.
    mutating func produce(
        now: Int, milliseconds: Int64, isOutage: Bool, ahead: Int?, _ random: inout SeededGenerator
    ) {
        if random.chance(0.03) { return lives[life].append(nil) }
        var age = random.below(180)
        if random.chance(0.03) { age = 700 + random.below(600) }
        let life = lives[self.life]
        let recent = (max(life.low, life.high - SourceLife.identityWindow - 3)..<life.high).compactMap {
            life.records[$0]
        }
        var (identity, seconds) = (identities, max(0, now - age))
        var isFailed = random.chance(isOutage ? 0.8 : 0.03)
        var name = random.below(2)
        if !recent.isEmpty, random.chance(0.12) {
            // A second delivery says the same; one that does not is another event.
            let first = recent[random.below(recent.count)]
            (identity, seconds, isFailed, name) = (first.identity, first.eventSeconds, first.isFailed, first.name)
        } else {
            identities += 1
            if let ahead { seconds = now + ahead }
        }
        let bytes = SourceRecord.bytes(seconds: seconds, identity: identity, isFailed: isFailed, name: name)
        lives[self.life].append(
            SourceRecord(
                eventSeconds: seconds, producedSeconds: now, identity: identity, isFailed: isFailed, name: name,
                bytes: bytes,
                fingerprint: RecordFingerprint(timestampMilliseconds: milliseconds, byteCount: bytes.count),
                isDuplicate: life.isIdentity(identity, before: life.high)))
    }

    mutating func expire(to offset: Int) -> Bool { lives[life].expire(to: offset) }

    mutating func recreate() { lives.append(SourceLife()) }
}
