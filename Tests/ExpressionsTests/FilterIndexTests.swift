import Expressions
import Foundation
import Statistics
import TelemetryModel
import Testing

@Suite struct FilterIndexTests {
    /// Pairs of a set of filters and an event; `TIDEWATCH_FUZZ_ITERATIONS` raises it for soak runs.
    private static let pairs =
        ProcessInfo.processInfo.environment["TIDEWATCH_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 50_000

    @Test func indexAndProgramAgreeOnEveryRow() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("filter index seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var (pairs, verdicts, passed) = (0, 0, 0)
        while pairs < FilterIndexTests.pairs {
            let set = FilterSet.random(using: &generator)
            let rows = Int.random(in: 0..<12, using: &generator) == 0 ? 300 : Int.random(in: 1...60, using: &generator)
            let events = (0..<rows).map { _ in RandomFilter.event(using: &generator) }
            let found = set.compare(events)
            if let difference = found.difference {
                Issue.record("seed \(seed): \(difference)")
                return
            }
            pairs += rows
            verdicts += found.verdicts
            passed += found.passed
        }
        print("\(pairs) pairs, \(verdicts) verdicts, \(passed) of them true")
        #expect(passed > verdicts / 20 && passed < verdicts / 20 * 19, "filters say both; seed \(seed)")
    }

    @Test(arguments: [
        "event.eventName == 'a' && event.errorCode == 'b'", "event.eventName in ['a', 'b'] || event.readOnly",
        "!(event.eventName.startsWith('a') || event.eventName.startsWith('b')) && event.eventSource == 'ab'",
        "event.requestParameters.n == 1 && event.eventName.startsWith('')",
        "!(event.requestParameters.n in [1, 17])", "!(event.errorCode == 'a' && event.readOnly)",
        "event.errorCode.matches('a') || event.eventName == 'a'",
    ])
    func filterWithErrorsIsTrueWhereItsProgramIs(_ source: String) throws {
        var generator = SeededGenerator(seed: 7)
        let set = try FilterSet([
            (source, ["(\(source)) && !has(event.errorCode)", "event.readOnly"]), (nil, [source]),
        ])
        let found = set.compare((0..<500).map { _ in RandomFilter.event(using: &generator) })
        #expect(found.difference == nil)
        #expect(found.passed > 500)
    }

    @Test func longestOfNestedPrefixesIsFoundAmongItsNeighbours() throws {
        let prefixes = ["a", "ab", "abc", "abe", "abcd", "b", "", "ac", "größ"]
        let set = try FilterSet(prefixes.map { ("event.eventName.startsWith('\($0)')", []) })
        let values = ["", "a", "ab", "abb", "abca", "abcde", "abd", "abf", "ad", "b", "c", "größer", "grö"]
        let found = set.compare(values.map { TestEvent(["eventName": .text($0)]) })
        #expect(found.difference == nil)
        #expect(found.passed > 20)
    }

    /// What walks over JSON has one budget for a whole expression. Two searches, each within it and not both, are an error together.
    @Test func searchesOfOneExpressionShareItsBudget() throws {
        // Of a text with escapes each place takes as much as the needle is long.
        func search(_ letter: String) -> String {
            "!event.requestParameters.list.exists(x, x.contains('\(String(repeating: letter, count: 30_000))'))"
        }
        let (one, other) = (search("y"), search("z"))
        let set = try FilterSet([
            (one, [other]), ("\(one) && \(other)", []), ("event.eventName == 'a' && \(one) && !!(\(other))", []),
        ])
        let list = #"["\u0062\#(String(repeating: "a", count: 1_200))"]"#
        let found = set.compare([TestEvent(["eventName": .text("a"), "requestParameters.list": .json(list)])])
        #expect(found.difference == nil)
        // The first and its part, and neither of the others.
        #expect(found.verdicts == 2 * 4 && found.passed == 2 * 2)
    }
}

/// Filters compiled for an index, and one by one.
private struct FilterSet {
    let sources: [(whole: String?, parts: [String?])]
    let programs: [(whole: Program?, parts: [Program?])]
    let needsPart: Bool
    let projection: Projection
    let index: FilterIndex

    init(_ sources: [(whole: String?, parts: [String?])], needsPart: Bool = false) throws {
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
    static func random(using generator: inout SeededGenerator) -> FilterSet {
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
                default: sources.append((whole, []))
                }
            }
            let needsPart = Int.random(in: 0..<4, using: &generator) == 0
            if let set = try? FilterSet(sources, needsPart: needsPart) { return set }
        }
    }

    func compare(_ events: [TestEvent]) -> (difference: String?, verdicts: Int, passed: Int) {
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
            for match in 0..<matches.count { wholes[matches[match].selector] = matches[match] }
            if wholes.count != matches.count { return ("a selector is found twice", verdicts, passed) }
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
