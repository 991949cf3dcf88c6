import Statistics
import Testing

@testable import Accounting
@testable import Counting

/// Counting threads before a publisher, and behind it a producer whose records are acknowledged in any order.
private struct PublishingWorld {
    private enum Fate {
        case pending
        case acknowledged
        case refused
    }

    private static let shards = 2

    private var random: SeededGenerator
    private let mayRefuse: Bool
    private var driver = PublisherDriver()
    /// Of the record with the sequence that is one more than the place.
    private var fates: [Fate] = []
    /// The updates in each shard's log, by offset.
    private var logs: [[(flush: PartitionFlush, record: Int)]] = [[], []]
    private var mailbox: [PartitionFlush] = []
    /// Everything that was ever put into the mailbox.
    private var flushes: [PartitionFlush] = []
    private var position: [Int64] = [0, 0, 0]
    private var epoch: [Int32] = [1, 1, 1]
    private var tokens: UInt64 = 0
    /// The sequence for whose acknowledgement the driver waits.
    private var awaited: UInt64?
    private(set) var committed: [Int64] = [0, 0, 0]
    private(set) var released: [UInt64] = []
    private(set) var hasFailed = false

    init(seed: UInt64, mayRefuse: Bool) {
        random = SeededGenerator(seed: seed)
        self.mayRefuse = mayRefuse
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            switch random.below(8) {
            case 0, 1: count()
            case 2: take()
            case 3: answer()
            default: settle()
            }
        }
        while awaited != nil || !mailbox.isEmpty {
            for place in fates.indices where fates[place] == .pending { fates[place] = .acknowledged }
            answer()
            take()
        }
        #expect(released.sorted() == Array(1..<tokens + 1), "each that was given back is let go once")
        if !hasFailed { #expect(committed == position) }
    }

    private mutating func send() -> UInt64 {
        fates.append(.pending)
        return UInt64(fates.count)
    }

    /// A partition puts records into other topics, and is flushed.
    private mutating func count() {
        let partition = random.below(position.count)
        for _ in 0..<random.below(3) { _ = send() }
        let from = position[partition]
        let isGap = random.chance(0.15)
        let isLast = random.chance(0.1)
        if isLast { tokens += 1 }
        position[partition] += Int64(isGap ? 5 : random.below(4))
        let flush = PartitionFlush.made(
            Int32(partition), from, position[partition], epoch: epoch[partition], gap: isGap ? .expired : nil,
            sentThrough: UInt64(fates.count), released: isLast ? tokens : nil)
        if isLast { epoch[partition] += 1 }
        flushes.append(flush)
        mailbox.append(flush)
    }

    private mutating func take() {
        guard awaited == nil else { return }
        let taken = mailbox
        mailbox = []
        perform(driver.step(.flushes(taken, at: .zero)))
    }

    /// One record is acknowledged or refused, whichever was sent first.
    private mutating func settle() {
        let pending = fates.indices.filter { fates[$0] == .pending }
        guard !pending.isEmpty else { return }
        fates[random.pick(pending)] = mayRefuse && random.chance(0.02) ? .refused : .acknowledged
    }

    private mutating func answer() {
        guard let sequence = awaited else { return }
        let fates = fates[..<Int(sequence)]
        if fates.contains(.refused) {
            awaited = nil
            hasFailed = true
            perform(driver.step(.unacknowledged))
        } else if !fates.contains(.pending) {
            awaited = nil
            let ends = logs.map { log in Int64((log.lastIndex { isAcknowledged($0.record) } ?? -1) + 1) }
            perform(driver.step(.acknowledged(logEnds: ends, at: .zero)))
        }
    }

    private func isAcknowledged(_ record: Int) -> Bool { fates[record] == .acknowledged }

    private mutating func perform(_ effects: [PublisherEffect]) {
        for effect in effects {
            switch effect {
            case .awaitRecords(let sequence): awaited = sequence
            case .awaitUpdates: awaited = UInt64(fates.count)
            case .send(let flush): send(flush)
            case .commit(let commits, let tokens):
                for commit in commits { check(commit) }
                for token in tokens {
                    let flush = flushes.first { $0.released == token }
                    #expect(
                        commits.contains {
                            $0.source == flush?.source && $0.epoch == flush?.epoch
                                && $0.offset == flush?.range.to.offset
                        }, "what is given back is committed")
                    released.append(token.number)
                }
            case .release(let tokens):
                #expect(hasFailed)
                released += tokens.map(\.number)
            case .published: break
            }
        }
    }

    private mutating func send(_ flush: PartitionFlush) {
        #expect(!hasFailed, "nothing is sent behind a refusal")
        #expect(
            (0..<Int(flush.sentThrough)).allSatisfy(isAcknowledged), "records of the range are acknowledged before")
        let gaps = logs.joined().filter { $0.flush.gap != nil && $0.flush.range != flush.range }
        #expect(gaps.allSatisfy { isAcknowledged($0.record) }, "a gap is acknowledged before what follows")
        for shard in 0..<Self.shards {
            let record = Int(send()) - 1
            logs[shard].append((flush, record))
        }
    }

    private mutating func check(_ commit: SourceCommit) {
        #expect(!hasFailed, "nothing is committed behind a refusal")
        for flush in flushes where flush.source == commit.source && flush.range.to.offset <= commit.offset {
            #expect((0..<Int(flush.sentThrough)).allSatisfy(isAcknowledged) || flush.range.from == flush.range.to)
            for log in logs {
                let update = log.first { $0.flush.source == flush.source && $0.flush.range == flush.range }
                #expect(
                    update.map { isAcknowledged($0.record) } ?? (flush.range.from == flush.range.to),
                    "what is committed is in every shard's log")
            }
        }
        for (log, place) in zip(logs, commit.hint.places) {
            for (offset, entry) in log.enumerated() where entry.flush.source == commit.source {
                if let through = place.through, entry.flush.range.to <= through { continue }
                #expect(Int64(offset) >= place.offset, "the hint lies before what its chain does not have")
            }
        }
        let partition = Int(commit.source.partition)
        #expect(commit.offset >= committed[partition])
        committed[partition] = commit.offset
    }
}

@Suite struct PublisherPropertyTests {
    /// Whatever the order of acknowledgements, nothing is committed that is not in every shard's log with all its records.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func inAnyOrderOfAcknowledgementsNothingIsCommittedTooSoon(
        seed: UInt64
    ) {
        var world = PublishingWorld(seed: seed, mayRefuse: false)
        world.run(steps: 400)
        #expect(world.committed.contains { $0 > 0 })
        #expect(!world.hasFailed)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func aRefusalEndsIt(seed: UInt64) {
        var world = PublishingWorld(seed: seed, mayRefuse: true)
        world.run(steps: 400)
    }
}
