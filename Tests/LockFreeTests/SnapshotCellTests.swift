import Testing

import LockFree

@Suite struct SnapshotCellTests {
    private final class Canary: Sendable {}

    @Test func theNewestIsRead() {
        let cell = SnapshotCell(["a": 1])
        #expect(cell.current == ["a": 1])
        cell.publish(["b": 2])
        cell.publish(["b": 3])
        #expect(cell.current == ["b": 3])
    }

    @Test func whatIsReplacedIsLetGoWhenNobodyHasIt() {
        weak var first: Canary?
        let cell = SnapshotCell<Canary?>(nil)
        do {
            let canary = Canary()
            first = canary
            cell.publish(canary)
        }
        do {
            let kept = cell.current
            cell.publish(nil)
            // The cell has let go of it, and the reader has it still.
            #expect(kept != nil && kept === first)
        }
        #expect(first == nil)
    }

    @Test func nothingIsLeftBehindByTheCell() {
        weak var last: Canary?
        weak var before: Canary?
        do {
            let cell = SnapshotCell<Canary?>(nil)
            let (one, two) = (Canary(), Canary())
            (before, last) = (one, two)
            cell.publish(one)
            cell.publish(two)
            #expect(cell.current === two)
        }
        #expect(before == nil && last == nil)
    }
}
