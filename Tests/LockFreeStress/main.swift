// Several threads at once on what `LockFree` offers, checked against the outcomes that are legal. Meant for a build
// with ThreadSanitizer (`swift run --sanitize=thread LockFreeStress [ROUNDS]`). Exits with 1 on an outcome that is not legal.
//
// Register table, one writer, three readers. Every publication p sets all words of all registers to p, adds a register
// now and then, and takes one out now and then.
//   Legal: a snapshot of publication p, whose every word is p; as many registers as there were at p; publications that
//   never decrease from one snapshot of a reader to its next.
//   Illegal: words of two publications in one snapshot, a register missing or one too many, going back.
//
// Ring, one producer, one consumer, batches of random sizes, both parking.
//   Legal: 0, 1, 2, … n − 1; at most as many in the ring as it holds.
//   Illegal: any element missing, twice, out of order; an element after the last.
//
// Cell, one publisher, four readers. Every snapshot is made of equal parts.
//   Legal: snapshots that never go back for one reader; of all that were published one is alive at the end.
//   Illegal: parts of two snapshots, going back, a snapshot that is gone while somebody reads it or that nobody lets go.
//
// Counter, one writer, two readers. Legal: values that never decrease, and the exact total at the end.

import Glibc
import LockFree
import Statistics
import Synchronization

let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1 : 1
let illegal = Atomic<Int>(0)

@Sendable func check(_ isLegal: Bool, _ outcome: @autoclosure () -> String) {
    if isLegal { return }
    illegal.add(1, ordering: .relaxed)
    print("illegal: \(outcome())")
}

final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Work(body)).toOpaque()
    let result = pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, context)
    precondition(result == 0, "a thread could not be started")
    return thread
}

/// Registers in use after publication p: one more every 16, and every 64 one is taken out and another added later.
func registerCount(_ publication: UInt64) -> Int {
    Int(publication / 16) + 1 - (publication % 64 >= 32 && publication >= 32 ? 1 : 0)
}

func stressRegisters(seed: UInt64) {
    let table = SeqlockTable(width: 4)
    let publicationsMax: UInt64 = 1000
    let isDone = Atomic<Bool>(false)
    let finished = FinishedFlag(isDone: isDone)
    let readers = (0..<3).map { reader in
        start {
            var last: UInt64 = 0
            var snapshots = 0
            while true {
                let isLast = finished.isDone.load(ordering: .acquiring)
                let (words, publication) = table.snapshot()
                check(publication >= last, "reader \(reader) went back from \(last) to \(publication)")
                check(
                    words.allSatisfy { $0 == publication }, "a snapshot of \(publication) mixes \(Set(words).sorted())")
                let expected = publication == 0 ? 0 : registerCount(publication)
                check(words.count == expected * 4, "\(words.count / 4) registers at \(publication), not \(expected)")
                last = publication
                snapshots += 1
                if isLast { break }
            }
            check(last == publicationsMax, "the last snapshot shows \(last)")
            print("registers: reader \(reader) took \(snapshots) snapshots")
        }
    }
    var writer = table.makeWriter()
    var slots: [Int] = []
    var random = SeededGenerator(seed: seed)
    var publication: UInt64 = 0
    while publication < publicationsMax {
        // Only single steps may be put off: the readers count publications.
        if writer.shouldPostpone() {
            sched_yield()
            continue
        }
        publication += 1
        writer.begin()
        while slots.count > registerCount(publication) { writer.remove(slots.removeLast()) }
        // A tag is set only when a register is added, so all are added anew with this publication's.
        while let slot = slots.popLast() { writer.remove(slot) }
        for _ in 0..<registerCount(publication) { slots.append(writer.add(tag: publication)) }
        for slot in slots.shuffled(using: &random) {
            for word in 1..<4 { writer.set(slot, word, publication) }
        }
        writer.end()
    }
    finished.isDone.store(true, ordering: .releasing)
    for reader in readers { pthread_join(reader, nil) }
}

final class FinishedFlag: Sendable {
    let isDone: Atomic<Bool>
    init(isDone: consuming Atomic<Bool>) { self.isDone = isDone }
}

func stressRing(seed: UInt64) {
    let count = 200_000
    let ring = SPSCRing<Int>(capacity: 256)
    let (isFilled, isEmptied) = (Doorbell(), Doorbell())
    let thread = start {
        var consumer = ring.makeConsumer()
        var next = 0
        while next < count {
            let before = next
            while let element = consumer.pop() {
                check(element == next, "\(element) came instead of \(next)")
                next += 1
            }
            if next > before { isEmptied.ring() } else { isFilled.wait() }
        }
        check(consumer.pop() == nil, "an element after the last")
    }
    var producer = ring.makeProducer()
    var random = SeededGenerator(seed: seed)
    var next = 0
    while next < count {
        let end = min(count, next + Int(random.next() % 300))
        while next < end {
            let isPushed = producer.push(next)
            let held = producer.count()
            check(held <= 256, "\(held) elements in a ring of 256")
            if isPushed {
                next += 1
            } else {
                isFilled.ring()
                isEmptied.wait()
            }
        }
        isFilled.ring()
    }
    pthread_join(thread, nil)
    print("ring: \(count) elements")
}

/// A value that says when one of its kind is gone, and whose parts are all equal.
final class Snapshot: Sendable {
    static let alive = Atomic<Int>(0)
    let parts: [Int]

    init(_ number: Int) {
        parts = Array(repeating: number, count: 20)
        Snapshot.alive.add(1, ordering: .relaxed)
    }

    deinit { Snapshot.alive.subtract(1, ordering: .relaxed) }
}

func stressCell() {
    let last = 100_000
    let cell = SnapshotCell(Snapshot(0))
    let readers = (0..<4).map { reader in
        start {
            var seen = 0
            while seen < last {
                let snapshot = cell.current
                check(snapshot.parts[0] >= seen, "reader \(reader) went back from \(seen) to \(snapshot.parts[0])")
                seen = snapshot.parts[0]
                check(snapshot.parts.allSatisfy { $0 == seen }, "a snapshot mixes \(Set(snapshot.parts).sorted())")
            }
        }
    }
    for number in 1...last { cell.publish(Snapshot(number)) }
    for reader in readers { pthread_join(reader, nil) }
    // What the last readers were taking when it was replaced goes with this.
    cell.publish(Snapshot(last + 1))
    let alive = Snapshot.alive.load(ordering: .relaxed)
    check(alive == 1, "\(alive) snapshots are alive")
    withExtendedLifetime(cell) {}
    print("cell: \(last) snapshots")
}

func stressCounter() {
    let counter = Counter()
    let total: UInt64 = 300_000
    let readers = (0..<2).map { reader in
        start {
            var last: UInt64 = 0
            while last < total {
                let value = counter.value
                check(value >= last && value <= total, "reader \(reader) saw \(value) after \(last)")
                last = value
                if value < total { sched_yield() }
            }
        }
    }
    for _ in 0..<total { counter.add(1) }
    for reader in readers { pthread_join(reader, nil) }
    print("counter: \(counter.value)")
}

for round in 0..<rounds {
    let seed = UInt64(round) + 1
    print("round \(round), seed \(seed)")
    stressRegisters(seed: seed)
    stressRing(seed: seed)
    stressCell()
    stressCounter()
}
let count = illegal.load(ordering: .relaxed)
print(count == 0 ? "all outcomes legal" : "\(count) illegal outcomes")
exit(count == 0 ? 0 : 1)
