import Statistics
import TelemetryModel

extension RollupEngine {
    /// Adds what another engine of the same rollup counted, over other events.
    ///
    /// Windows, groups and counters become what one engine would have made of both engines' events, unless a bound was
    /// reached. Complexity: the cells of `other`.
    public mutating func merge(_ other: borrowing RollupEngine) {
        precondition(plan.definition == other.plan.definition, "engines of different rollups do not merge")
        counters.add(other.counters)
        if let times = other.eventTimes { widenEventTimes(times) }
        for index in other.windows.indices {
            let source = other.windows[index]
            let target = unsafe openWindow(source.table.pointee.start)
            for cell in 0..<(unsafe source.table.pointee.count) {
                unsafe other.keys.withColumns(source.table.pointee.series(cell)) { columns in
                    let (into, isFolded) = unsafe self.cell(of: columns, in: target)
                    if isFolded { counters.foldedCells &+= 1 }
                    if registers != nil, unsafe !target.pointee.isUnpublished { unsafe noteUnpublished(target) }
                    unsafe merge(source.table, cell, into: target, into)
                }
            }
        }
    }

    @unsafe
    private mutating func merge(
        _ source: UnsafeMutablePointer<WindowTable>, _ sourceIndex: Int,
        into target: UnsafeMutablePointer<WindowTable>, _ targetIndex: Int
    ) {
        let sourceCell = unsafe source.pointee.cell(sourceIndex)
        let targetCell = unsafe target.pointee.cell(targetIndex)
        let sourceFlags = unsafe sourceCell.load(as: UInt64.self)
        let flags = unsafe targetCell.assumingMemoryBound(to: UInt64.self)
        for step in plan.steps {
            let from = unsafe (sourceCell + step.offset).assumingMemoryBound(to: UInt64.self)
            let words = unsafe (targetCell + step.offset).assumingMemoryBound(to: UInt64.self)
            switch step.operation {
            case .count:
                unsafe words[0] &+= from[0]
            case .sum:
                var sum = unsafe ExactSum(words: words[0], words[1], words[2])
                sum.merge(unsafe ExactSum(words: from[0], from[1], from[2]))
                unsafe (words[0], words[1], words[2]) = sum.words
                unsafe flags[0] |= sourceFlags & step.hasValue
            case .min, .max:
                if let number = unsafe Extremum.read(from[0], sourceFlags, step) {
                    unsafe Extremum.update(words, flags, step, number)
                }
            case .distinct, .distinctExact:
                let isExact = step.operation == .distinctExact
                unsafe target.pointee.distinct.merge(
                    source.pointee.distinct, from[0], into: &words[0], isExact: isExact)
                counters.degradedSets &+= unsafe target.pointee.distinct.takeDegraded()
            case .quantile:
                let number = unsafe Int(from[0])
                if number > 0 {
                    unsafe merge(source.pointee.sketches[number - 1], into: &words[0], of: target)
                }
            }
        }
    }

    func merge(
        _ sketch: QuantileSketch, into word: inout UInt64, of window: UnsafeMutablePointer<WindowTable>
    ) {
        if word == 0 {
            unsafe window.pointee.sketches.append(sketch)
            word = UInt64(unsafe window.pointee.sketches.count)
        } else {
            unsafe window.pointee.sketches[Int(word) - 1].merge(sketch)
        }
    }
}

extension RollupCounters {
    public mutating func add(_ other: RollupCounters) {
        events &+= other.events
        foldedEvents &+= other.foldedEvents
        foldedCells &+= other.foldedCells
        valuesNotNumeric &+= other.valuesNotNumeric
        degradedSets &+= other.degradedSets
        shortenedValues &+= other.shortenedValues
        roundedSums &+= other.roundedSums
    }

    public func adding(_ other: RollupCounters) -> RollupCounters {
        var sum = self
        sum.add(other)
        return sum
    }

    /// What was counted since `earlier`.
    public func since(_ earlier: RollupCounters) -> RollupCounters {
        var difference = RollupCounters()
        difference.events = events &- earlier.events
        difference.foldedEvents = foldedEvents &- earlier.foldedEvents
        difference.foldedCells = foldedCells &- earlier.foldedCells
        difference.valuesNotNumeric = valuesNotNumeric &- earlier.valuesNotNumeric
        difference.degradedSets = degradedSets &- earlier.degradedSets
        difference.shortenedValues = shortenedValues &- earlier.shortenedValues
        difference.roundedSums = roundedSums &- earlier.roundedSums
        return difference
    }
}
