import Testing

import LockFree

@Suite struct SPSCRingTests {
    @Test func elementsComeOutOnceInOrderAndAFullRingSaysSo() {
        let ring = SPSCRing<Int>(capacity: 4)
        var producer = ring.makeProducer()
        var consumer = ring.makeConsumer()
        let pushed = [1, 2, 3, 4, 5, 6].map { producer.push($0) }
        #expect(pushed == [true, true, true, true, false, false])
        var (count, room) = (producer.count(), producer.room())
        #expect(count == 4 && room == 0)
        let first = consumer.pop()
        #expect(first == 1)
        let isPushedNow = producer.push(7)
        #expect(isPushedNow)
        var taken: [Int] = []
        while let element = consumer.pop() { taken.append(element) }
        (count, room) = (producer.count(), producer.room())
        #expect(taken == [2, 3, 4, 7] && count == 0 && room == 4)
    }

    @Test func whatIsLeftIsDestroyedWithTheRing() {
        final class Canary: Sendable {}
        weak var left: Canary?
        weak var taken: Canary?
        do {
            let ring = SPSCRing<Canary>(capacity: 8)
            var producer = ring.makeProducer()
            var consumer = ring.makeConsumer()
            let (one, two) = (Canary(), Canary())
            (taken, left) = (one, two)
            _ = producer.push(one)
            _ = producer.push(two)
            _ = consumer.pop()
        }
        #expect(left == nil && taken == nil)
    }
}

@Suite struct DoorbellTests {
    @Test func aRingBeforeTheWaitIsNotLost() {
        let bell = Doorbell()
        bell.ring()
        bell.ring()
        // Would never return if the rings were lost.
        bell.wait()
    }
}

@Suite struct CounterTests {
    @Test func itAddsUp() {
        let counter = Counter()
        counter.add(2)
        counter.add(40)
        #expect(counter.value == 42)
    }
}
