import Accounting
import Statistics
import Testing

@testable import Counting

/// A worker whose partitions come and go while a publisher takes flushes when it likes.
private struct WorkerWorld {
    private var random: SeededGenerator
    private let worker: WorkerFixture
    /// By partition: the next offset to be read, and the owner's epoch; none where it is not assigned.
    private var owned: [Int32: (offset: Int64, epoch: Int32)] = [:]
    private var epoch: Int32 = 0
    private var tokens: UInt64 = 0
    private var released: Set<UInt64> = []
    /// By partition and epoch.
    private var flushedTo: [Int32: [OwnerEpoch: Int64]] = [:]
    private(set) var flushed = 0
    private(set) var waits = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        worker = try WorkerFixture(heldBytesMax: random.chance(0.5) ? 1 : 3000)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            worker.clock.now += .milliseconds(random.below(300))
            var requests: [WorkerRequest] = []
            if random.chance(0.2) { requests.append(assign()) }
            if random.chance(0.1), let partition = owned.keys.sorted().first { requests.append(release(partition)) }
            perform(worker.driver.step(.beforeBatch(requests)))
            batch()
            perform(worker.driver.step(.afterBatch))
            if random.chance(0.3) { take() }
        }
        take()
        perform(worker.driver.step(.beforeBatch(owned.keys.sorted().map { release($0) })))
        take()
        perform(worker.driver.step(.beforeBatch([])))
        take()
        #expect(released.count == Int(tokens), "each that was given back is let go once")
        #expect(worker.output.live.partitions.isEmpty)
    }

    private mutating func assign() -> WorkerRequest {
        let partition = Int32(random.below(4))
        epoch += 1
        // Where the former owner's last flush ended, if there was one; a lost one's records come again.
        let start = flushedTo[partition]?.values.max() ?? 0
        if owned[partition] != nil { return release(partition) }
        owned[partition] = (start, epoch)
        return WorkerFixture.assign(partition, epoch: epoch, chains: [start, start])
    }

    private mutating func release(_ partition: Int32) -> WorkerRequest {
        owned[partition] = nil
        tokens += 1
        return .release(WorkerFixture.source(partition), ReleaseToken(number: tokens))
    }

    private mutating func batch() {
        let partitions = owned.keys.sorted()
        worker.driver.beginBatch(of: partitions.map(WorkerFixture.source))
        for _ in 0..<random.below(20) where !partitions.isEmpty {
            let index = random.below(partitions.count)
            guard let offset = owned[partitions[index]]?.offset else { continue }
            let event = WorkerFixture.event(minute: random.below(30))
            switch worker.count(event, of: index, at: offset) {
            case .counted: owned[partitions[index]]?.offset += 1
            // Requests are served at the next turn.
            case .notOwned: break
            case .noRoom:
                waits += 1
                take()
                perform(worker.driver.step(.insideBatch([])))
            case .givenUp: Issue.record("nobody asked for that")
            }
            check()
        }
    }

    private func check() {
        for live in worker.output.live.partitions {
            #expect(live.eventsFlushed <= live.events)
            #expect(live.heldBytes >= 0)
        }
    }

    private mutating func take() {
        for flush in worker.taken() {
            let from = flushedTo[flush.partition]?[flush.epoch] ?? flush.range.from.offset
            #expect(flush.range.from.offset == from, "ranges join")
            #expect(Int64(flush.events) == flush.range.to.offset - from, "a range has its events")
            flushedTo[flush.partition, default: [:]][flush.epoch] = flush.range.to.offset
            flushed += flush.events
            if let token = flush.released { #expect(released.insert(token.number).inserted) }
        }
    }

    private mutating func perform(_ effects: [WorkerEffect]) {
        for case .reach(let token) in effects { #expect(released.insert(token.number).inserted) }
    }
}

@Suite struct WorkerPropertyTests {
    /// Whatever comes and goes and however slow the publisher is, every range has the events of its offsets.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func everyRangeHasItsEvents(seed: UInt64) throws {
        var world = try WorkerWorld(seed: seed)
        world.run(steps: 120)
        #expect(world.flushed > 0)
    }
}
