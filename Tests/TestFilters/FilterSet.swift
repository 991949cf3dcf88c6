import Expressions
import Statistics
import TelemetryModel

/// Filters compiled for an index, and one by one.
package struct FilterSet {
    private let sources: [(whole: String?, parts: [String?])]
    private let programs: [(whole: Program?, parts: [Program?])]
    private let needsPart: Bool
    private let projection: Projection
    private let index: FilterIndex

    package init(_ sources: [(whole: String?, parts: [String?])], needsPart: Bool = false) throws {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        func compile(_ source: String?) throws -> Program? {
            try source.map { try ExpressionCompiler.compileFilter($0, over: .cloudTrail, projection: &builder) }
        }
        self.sources = sources
        programs = try sources.map { (try compile($0.whole), try $0.parts.map(compile)) }
        projection = builder.projection
        self.needsPart = needsPart
        index = FilterIndex(
            programs.map { FilterIndex.Selection(whole: $0.whole, parts: $0.parts, needsPart: needsPart) })
    }

    /// Some that compile; now and then everything is asked for, and a part of everything.
    package static func random(using generator: inout SeededGenerator) -> FilterSet {
        while true {
            var sources: [(whole: String?, parts: [String?])] = []
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let depth = Int.random(in: 0...4, using: &generator)
                let whole = RandomFilter.source(depth: depth, using: &generator)
                let part = RandomFilter.source(depth: 1, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: sources.append((nil, [nil, part]))
                case 1: sources.append((whole, [part, nil]))
                case 2: sources.append((whole, ["(\(whole)) && \(part)"]))
                case 3 where !sources.isEmpty:
                    // The same again, as of two objectives that differ in their targets.
                    sources.append(sources[Int.random(in: sources.indices, using: &generator)])
                default: sources.append((whole, []))
                }
            }
            let needsPart = Int.random(in: 0..<4, using: &generator) == 0
            if let set = try? FilterSet(sources, needsPart: needsPart) { return set }
        }
    }

    package func compare(_ events: [TestEvent]) -> (difference: String?, verdicts: Int, passed: Int) {
        var batch = EventBatch(projection: projection, capacity: max(1, events.count))
        var payload: [UInt8] = []
        for event in events {
            let (slots, bytes) = event.slots(projection.fields)
            batch.beginRow()
            for (slot, value) in slots.enumerated() {
                let isPlace = value.isText || value.isJSON
                batch.set(
                    slot,
                    isPlace ? .place(value.kind, offset: payload.count + value.offset, length: value.length) : value)
            }
            payload += bytes
            batch.commitRow(
                time: Timestamp(nanoseconds: 0), place: RecordPlace(index: batch.count, offset: 0, length: 0))
        }
        let bytes = payload.span.bytes
        var matches = FilterMatches(index)
        var (verdicts, passed) = (0, 0)
        var difference: String?
        // Twice, since what is left of one pass must not reach the next.
        for first in [0, RowMask.rowsMax, 0] where first < batch.count {
            matches.take(batch, bytes, from: first)
            var wholes: [Int: FilterMatches.Match] = [:]
            var found = 0
            for match in 0..<matches.count {
                for selection in index.selections[matches[match].selector] {
                    wholes[selection] = matches[match]
                    found += 1
                }
            }
            if wholes.count != found { return ("a selector is found twice", verdicts, passed) }
            for (number, selector) in programs.enumerated() {
                let found = wholes[number]
                let parts = selector.parts.indices.map { part in
                    found.map { matches.rows(ofPart: part, $0, batch, bytes) }
                }
                for row in first..<min(batch.count, first + RowMask.rowsMax) {
                    func judge(_ is: Bool, _ wanted: Bool, _ source: String?) {
                        verdicts += 1
                        if wanted { passed += 1 }
                        if `is` == wanted || difference != nil { return }
                        difference = "\(source ?? "everything") is \(wanted), found \(`is`), for \(events[row].fields)"
                    }
                    let event = batch.row(row, of: bytes)
                    let hasPart = selector.parts.contains { $0?.matches(event) ?? true }
                    let isWanted = (selector.whole?.matches(event) ?? true) && (hasPart || !needsPart)
                    judge(found?.rows.contains(row - first) ?? false, isWanted, sources[number].whole)
                    if !isWanted { continue }
                    for (part, program) in selector.parts.enumerated() {
                        judge(
                            parts[part]?.contains(row - first) ?? false, program?.matches(event) ?? true,
                            sources[number].parts[part])
                    }
                }
            }
        }
        return (difference, verdicts, passed)
    }
}
