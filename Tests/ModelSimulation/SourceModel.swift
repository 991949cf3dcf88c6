import Accounting

/// A record of an input topic.
struct SourceRecord {
    let eventSeconds: Int
    let identity: Int
    let fingerprint: RecordFingerprint
    /// Its identity stands among the records of the last `SourceLife.identityWindow` offsets.
    let isDuplicate: Bool

    /// What it adds to the cell that it falls into, in one shard.
    func weight(shard: Int) -> Int32 { 1 + Int32((identity >> shard) & 1) }
}

/// One source partition between the making of its topic and its deletion.
struct SourceLife {
    /// Over how many offsets duplicates are looked for.
    static let identityWindow = 8

    /// By offset; `nil` where a control record or compaction left none.
    private(set) var records: [SourceRecord?] = []
    private(set) var low = 0
    /// The latest event time before each offset; `Int.min` where there is none.
    private(set) var watermarks: [Int] = [Int.min]

    var high: Int { records.count }

    mutating func append(_ record: SourceRecord?) {
        records.append(record)
        let last = watermarks[watermarks.count - 1]
        watermarks.append(record.map { max(last, $0.eventSeconds) } ?? last)
    }

    /// Identities of the window that ends before `offset`, as far as it can be read.
    func identities(before offset: Int) -> [(offset: Int, identity: Int)] {
        (max(low, offset - SourceLife.identityWindow)..<max(low, offset)).compactMap { place in
            records[place].map { (place, $0.identity) }
        }
    }

    /// The last record that can be read before `offset`.
    func tail(before offset: Int) -> RecordFingerprint? {
        guard offset <= high, offset > low else { return nil }
        for place in stride(from: offset - 1, through: low, by: -1) {
            if let record = records[place] { return record.fingerprint }
        }
        return nil
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

    /// What the records from `from` to `to` add to one shard, and the watermark after them: the definition that
    /// everything else is compared with.
    func amounts(from: Int, to: Int, shard: Int, watermark start: Int) -> (amounts: Amounts, watermark: Int) {
        var amounts = Amounts()
        var watermark = start
        for place in from..<to {
            guard let record = records[place] else { continue }
            let isLate = watermark != Int.min && record.eventSeconds < watermark - SliceTime.horizonSeconds
            if !record.isDuplicate {
                let seconds = isLate ? watermark : record.eventSeconds
                amounts.add(
                    record.weight(shard: shard),
                    to: SliceTime.cell(slice: seconds / SliceTime.sliceSeconds, isLate: isLate))
            }
            watermark = max(watermark, record.eventSeconds)
        }
        return (amounts, watermark)
    }
}

/// All lives of one source partition.
struct SourceModel {
    let source: SourcePartition
    private(set) var lives = [SourceLife()]
    private var identities = 0

    init(source: SourcePartition) {
        self.source = source
    }

    var life: Int { lives.count - 1 }
    var current: SourceLife { lives[lives.count - 1] }

    /// Somebody produces a record at the broker's time `now`.
    mutating func produce(now: Int, milliseconds: Int64, _ generator: inout SeededGenerator) {
        if generator.chance(3) { return lives[life].append(nil) }
        var age = generator.below(180)
        if generator.chance(3) { age = 700 + generator.below(600) }
        let life = lives[self.life]
        let recent = (max(life.low, life.high - SourceLife.identityWindow - 3)..<life.high).compactMap {
            life.records[$0]
        }
        var identity = identities
        if !recent.isEmpty, generator.chance(12) {
            identity = recent[generator.below(recent.count)].identity
        } else {
            identities += 1
        }
        let isDuplicate = life.identities(before: life.high).contains { $0.identity == identity }
        lives[self.life].append(
            SourceRecord(
                eventSeconds: max(0, now - age), identity: identity,
                fingerprint: RecordFingerprint(timestampMilliseconds: milliseconds, byteCount: 100 + identity % 7),
                isDuplicate: isDuplicate))
    }

    mutating func expire(to offset: Int) -> Bool { lives[life].expire(to: offset) }

    mutating func recreate() { lives.append(SourceLife()) }
}
