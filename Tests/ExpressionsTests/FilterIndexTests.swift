import Expressions
import Foundation
import Statistics
import TelemetryModel
import TestFilters
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

    @Test func selectionsThatAskTheSameAreOneSelector() throws {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        func compile(_ source: String) throws -> Program {
            try ExpressionCompiler.compileFilter(source, over: .cloudTrail, projection: &builder)
        }
        let part = try compile("!has(event.errorCode)")
        func selection(
            _ source: String, parts: [Program?] = [], needsPart: Bool = false
        ) throws -> FilterIndex.Selection {
            FilterIndex.Selection(whole: try compile(source), parts: parts, needsPart: needsPart)
        }
        let index = FilterIndex([
            try selection("event.eventName == 'a' && event.readOnly", parts: [nil, part]),
            try selection("event.eventName == 'b'"),
            // The same in another order.
            try selection("event.readOnly && event.eventName == 'a'", parts: [nil, part]),
            // Other parts, and a part more to be met.
            try selection("event.eventName == 'a' && event.readOnly", parts: [part, nil]),
            try selection("event.eventName == 'a' && event.readOnly", parts: [part], needsPart: true),
        ])
        let selections = (0..<index.selections.count).map { Array(index.selections[$0]) }
        #expect(selections.sorted { $0[0] < $1[0] } == [[0, 2], [1], [3], [4]])
    }

    /// Walks over JSON that share a budget are one question; what is too long to be compared is a question of its own.
    @Test func selectionsThatCanNotBeTakenApartAreOneSelectorWhereTheyAreTheSame() throws {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        func selection(_ source: String) throws -> FilterIndex.Selection {
            let program = try ExpressionCompiler.compileFilter(source, over: .cloudTrail, projection: &builder)
            return FilterIndex.Selection(whole: program)
        }
        func walk(_ letter: String) -> String { "event.requestParameters.list.exists(x, x.contains('\(letter)'))" }
        let long = walk(String(repeating: "y", count: 5_000))
        let index = FilterIndex([
            try selection("\(walk("a")) && \(walk("b"))"), try selection("\(walk("a")) && \(walk("b"))"),
            try selection(walk("a")), try selection(long), try selection(long),
        ])
        let selections = (0..<index.selections.count).map { Array(index.selections[$0]) }
        #expect(selections.sorted { $0[0] < $1[0] } == [[0, 1], [2], [3], [4]])
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
