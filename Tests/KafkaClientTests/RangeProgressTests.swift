import Testing

@testable import KafkaClient

struct RangeProgressTests {
    let partition = TopicPartition(topic: "t", partition: 0)

    private func begun(_ start: StartPosition, upTo: Int64?, low: Int64, high: Int64) -> RangeProgress {
        var progress = RangeProgress()
        progress.begin(PartitionRange(partition, from: start, upTo: upTo), low: low, high: high)
        return progress
    }

    private func done(_ offset: Int64) -> RangeEvent { .done(PartitionOffset(partition, offset: offset)) }

    // A macro's arguments cannot mutate, so what they ask goes through functions.
    private func admits(_ progress: inout RangeProgress, _ offset: Int64, highWatermark: Int64 = 0) -> Bool {
        progress.admits(partition, offset: offset, highWatermark: highWatermark)
    }

    private func events(_ progress: inout RangeProgress) -> [RangeEvent] { progress.takeEvents() }

    @Test
    func aRangeIsDoneWithItsLastMessage() {
        var progress = begun(.offset(3), upTo: 5, low: 0, high: 9)
        #expect(!admits(&progress, 2))
        for offset in [Int64(3), 4] {
            #expect(!progress.isDone)
            #expect(admits(&progress, offset))
            #expect(!admits(&progress, offset))
            progress.finishIfReached(partition)
        }
        #expect(progress.isDone)
        #expect(events(&progress) == [done(5)])
        #expect(!admits(&progress, 5))
        #expect(events(&progress).isEmpty)
    }

    @Test
    func aRangeWhoseLastOffsetsHoldNoMessageIsDoneByWhatComesAfter() {
        var later = begun(.offset(3), upTo: 5, low: 0, high: 9)
        #expect(!admits(&later, 7))
        #expect(events(&later) == [done(5)])
        var end = begun(.offset(3), upTo: 5, low: 0, high: 5)
        end.reachedEnd(partition, 4)
        #expect(events(&end) == [.waiting(PartitionOffset(partition, offset: 4))])
        #expect(!end.isDone)
        end.reachedEnd(partition, 5)
        #expect(events(&end) == [done(5)])
    }

    @Test
    func anEmptyRangeIsDoneOnceAFetchSaysSo() {
        for progress in [
            begun(.end, upTo: nil, low: 2, high: 7), begun(.offset(7), upTo: nil, low: 2, high: 7),
            begun(.beginning, upTo: nil, low: 7, high: 7),
        ] {
            var progress = progress
            #expect(!progress.isDone)
            progress.reachedEnd(partition, 7)
            #expect(progress.isDone)
            #expect(events(&progress) == [done(7)])
        }
        var given = begun(.offset(7), upTo: 7, low: 0, high: 9)
        #expect(given.isDone)
        #expect(events(&given) == [done(7)])
    }

    /// The end that a broker gives when asked is before its records' end.
    @Test
    func aRangeToTheEndGoesOnToTheHighWatermarkOfItsFirstFetch() {
        for (asked, start) in [(Int64(3), StartPosition.beginning), (3, .offset(3)), (2, .offset(3)), (5, .offset(3))] {
            var progress = begun(start, upTo: nil, low: 0, high: asked)
            for offset in Int64(0)..<(start == .beginning ? 3 : 0) {
                #expect(admits(&progress, offset, highWatermark: 5))
            }
            #expect(admits(&progress, 3, highWatermark: 5))
            progress.finishIfReached(partition)
            #expect(!progress.isDone)
            // What is written while it is read is not waited for.
            #expect(admits(&progress, 4, highWatermark: 9))
            progress.finishIfReached(partition)
            #expect(events(&progress) == [done(5)])
        }
    }

    /// Of an open transaction nothing is handed out, and the end comes before the high watermark.
    @Test
    func aRangeToTheEndDoesNotWaitForAnOpenTransaction() {
        var progress = begun(.beginning, upTo: nil, low: 0, high: 2)
        #expect(admits(&progress, 0, highWatermark: 9))
        #expect(admits(&progress, 1))
        progress.reachedEnd(partition, 2)
        #expect(events(&progress) == [done(2)])
    }

    @Test
    func aStartBelowWhatTheBrokerHasIsSaidAndReadingGoesOnAtTheLowest() {
        var progress = begun(.offset(3), upTo: nil, low: 10, high: 12)
        #expect(events(&progress) == [.outOfRange(partition, wanted: 3, low: 10, high: 12)])
        #expect(!admits(&progress, 9))
        #expect(progress.positions == [PartitionOffset(partition, offset: 10)])
        var gone = begun(.offset(3), upTo: 8, low: 10, high: 12)
        #expect(gone.isDone)
        #expect(events(&gone) == [.outOfRange(partition, wanted: 3, low: 10, high: 12), done(8)])
    }

    @Test
    func aStartBeyondTheEndIsSaidAndTheRangeGivenUp() {
        var progress = begun(.offset(13), upTo: 20, low: 10, high: 12)
        #expect(events(&progress).isEmpty)
        // By a fetch.
        let isOpen = progress.reposition(partition, low: 10, high: 12)
        #expect(!isOpen)
        #expect(progress.isDone)
        #expect(events(&progress) == [.outOfRange(partition, wanted: 13, low: 10, high: 12)])
    }

    @Test
    func aPositionLostOnTheWayIsSaidAndReadingGoesOn() {
        var progress = begun(.offset(0), upTo: 20, low: 0, high: 20)
        #expect(admits(&progress, 0))
        let isOpen15 = progress.reposition(partition, low: 15, high: 30)
        #expect(isOpen15)
        #expect(events(&progress) == [.outOfRange(partition, wanted: 1, low: 15, high: 30)])
        #expect(!admits(&progress, 14))
        #expect(admits(&progress, 15))
        let isOpen0 = progress.reposition(partition, low: 0, high: 5)
        #expect(!isOpen0)
        #expect(progress.isDone)
    }
}
