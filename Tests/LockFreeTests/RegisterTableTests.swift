import Testing

import LockFree

@Suite struct RegisterTableTests {
    @Test func aSnapshotShowsWholePublicationsInTheOrderOfTheirSlots() {
        let table = RegisterTable(width: 3)
        var writer = table.makeWriter()
        #expect(table.snapshot().words.isEmpty)
        writer.begin()
        let first = writer.add(tag: 7)
        let second = writer.add(tag: 8)
        writer.set(first, 1, 100)
        writer.set(second, 2, 200)
        writer.end()
        var shown = table.snapshot()
        #expect(shown.words == [7, 100, 0, 8, 0, 200] && shown.publications == 1)

        writer.begin()
        writer.remove(first)
        writer.end()
        #expect(table.snapshot().words == [8, 0, 200])

        // A slot used again starts from zero.
        writer.begin()
        let third = writer.add(tag: 9)
        writer.end()
        shown = table.snapshot()
        #expect(third == first && shown.words == [9, 0, 0, 8, 0, 200] && shown.publications == 3)
        let value = writer.value(second, 2)
        #expect(value == 200)
    }

    @Test func growthKeepsEveryRegister() {
        let table = RegisterTable(width: 2)
        var writer = table.makeWriter()
        for value in 1...5000 as ClosedRange<UInt64> {
            writer.begin()
            let slot = writer.add(tag: value)
            writer.set(slot, 1, value * 3)
            writer.end()
        }
        #expect(table.snapshot().words == (1...5000).flatMap { [$0, $0 * 3] })
    }

    @Test func postponingIsOnlyAskedForWhileAReaderWaits() {
        let table = RegisterTable(width: 1)
        var writer = table.makeWriter()
        let isAsked = writer.shouldPostpone()
        #expect(!isAsked)
    }
}

@Suite struct SPSCRingTests {
    @Test func elementsComeOutOnceInOrderAndAFullRingSaysSo() {
        SPSCRing.make(of: Int.self, capacity: 4).take { producer, consumer in
            var producer = producer
            var consumer = consumer
            var taken: [Int] = []
            let pushed = producer.push([1, 2, 3, 4, 5, 6][...])
            let isPushed = producer.push(9)
            #expect(pushed == 4 && !isPushed)
            let first = consumer.pop()
            #expect(first == 1)
            let isPushedNow = producer.push(5)
            #expect(isPushedNow)
            let some = consumer.popAll(countMax: 2) { taken.append($0) }
            let rest = consumer.popAll { taken.append($0) }
            #expect(some == 2 && taken == [2, 3, 4, 5])
            let nothing = consumer.pop()
            let room = producer.room()
            #expect(rest == 2 && nothing == nil && room == 4)
        }
    }

    @Test func whatWasPushedBeforeTheCloseComesOutBeforeTheEnd() {
        SPSCRing.make(of: Int.self, capacity: 2).take { producer, consumer in
            var producer = producer
            var consumer = consumer
            _ = producer.push(1)
            producer.close()
            let isEarly = consumer.isFinished()
            let element = consumer.pop()
            let isFinished = consumer.isFinished()
            #expect(!isEarly && element == 1 && isFinished)
        }
    }

    @Test func whatIsLeftIsDestroyedWithTheRing() {
        final class Canary: Sendable {}
        weak var left: Canary?
        weak var taken: Canary?
        SPSCRing.make(of: Canary.self, capacity: 8).take { producer, consumer in
            var producer = producer
            var consumer = consumer
            let (one, two) = (Canary(), Canary())
            (taken, left) = (one, two)
            _ = producer.push(one)
            _ = producer.push(two)
            _ = consumer.pop()
        }
        #expect(left == nil && taken == nil)
    }

    @Test func aRingBeforeTheWaitIsNotLost() {
        let bell = Doorbell()
        bell.ring()
        bell.ring()
        // Would never return if the rings were lost.
        bell.wait()
        let counter = Counter()
        counter.add(2)
        counter.add(40)
        #expect(counter.value == 42)
    }
}
