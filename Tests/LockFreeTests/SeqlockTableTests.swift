import Testing

import LockFree

@Suite struct SeqlockTableTests {
    @Test func aSnapshotShowsWholePublicationsInTheOrderOfTheirSlots() {
        let table = SeqlockTable(width: 3)
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
    }

    @Test func growthKeepsEveryRegister() {
        let table = SeqlockTable(width: 2)
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
        let table = SeqlockTable(width: 1)
        var writer = table.makeWriter()
        let isAsked = writer.shouldPostpone()
        #expect(!isAsked)
    }
}
