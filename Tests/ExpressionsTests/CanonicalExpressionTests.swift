import Expressions
import Statistics
import TelemetryModel
import TestFilters
import Testing

@Suite struct CanonicalExpressionTests {
    private func text(_ source: String) -> String {
        String(decoding: CanonicalExpression(source).text, as: UTF8.self)
    }

    @Test(arguments: [
        (#"event.a=="x"&&event.b>1"#, "( event.b  > 1 ) && // a word\n 'x' == event['a']"),
        ("event.a || event.b || event.a", "(event.b || event.a)"),
        ("(event.a && event.b) && event.c", "event.a && (event.c && event.b)"),
        ("event.a > event.b", "event.b < event.a"),
        ("event.a >= 3", "3 <= event.a"),
        (#"event.a in ["x", "y", "x"]"#, #"event.a in ['y', r"x"]"#),
        ("event.a.size() == 2", "2 == size(event.a)"),
        (#"event.a.matches("^x")"#, "matches(event.a, '^x')"),
        (
            "event.a.exists(x, x.b == 1 && event.c.all(y, y != x))",
            "event.a.exists(u, event.c.all(v, v != u) && u['b'] == 1)"
        ),
        ("event.a.existsOne(x, x > 1)", "event.a.exists_one(one, 1 < one)"),
        (#"event.a == "\x61\u00e9""#, #"event.a == "aé""#), ("event.a == 0x10", "event.a == 16"),
        ("event.a == 1.50", "event.a == 15e-1"),
    ])
    func whatMeansTheSameHasOneText(_ one: String, _ other: String) {
        #expect(text(one) == text(other))
    }

    @Test(arguments: [
        ("event.a && event.b", "event.a || event.b"), ("event.a < event.b", "event.b < event.a"),
        ("event.a < event.b", "event.a <= event.b"), ("event.a - event.b", "event.b - event.a"),
        ("event.a == 1", "event.a == 1.0"), ("event.a == 1", #"event.a == "1""#), ("event.a", "!event.a"),
        (#"event.a == "é""#, "event.a == \"e\u{301}\""),
        // Quotes in a text don't end it.
        (#"event.a == "x\",\"y""#, #"event.a in ["x", "y"]"#), (#"event["a.b"]"#, "event.a.b"),
        ("event.a.exists(x, x == event.b)", "event.a.all(x, x == event.b)"),
        ("event.a.exists(x, event.b.exists(y, x == 1))", "event.a.exists(x, event.b.exists(y, y == 1))"),
        ("event.a.exists(x, x == 1)", "event.a.exists(x, event.x == 1)"), ("has(event.a)", "event.a"),
        ("event.a.startsWith(event.b)", "event.b.startsWith(event.a)"),
        ("(event.a || event.b) && event.c", "event.a || (event.b && event.c)"), ("event.a[0]", "event.a[1]"),
        ("event.a ? event.b : event.c", "event.a ? event.c : event.b"),
    ])
    func whatDiffersInMeaningDiffersInText(_ one: String, _ other: String) {
        #expect(CanonicalExpression(one).text != CanonicalExpression(other).text)
    }

    /// Histories are kept under it: a change of these texts, in any release, starts all of them anew.
    @Test func textsAreWhatTheyWereInEarlierReleases() {
        #expect(
            text(#"event.namespace == "AWS/ELB" && event.metric_name in ["b", "a"] && size(event.dimensions) == 2"#)
                == #"and(equal("AWS/ELB",select(event,"namespace")),equal(2,call("size",select(event,"dimensions"))),"#
                + #"in(select(event,"metric_name"),list("a","b")))"#)
        #expect(
            text(#"!(event.a.b[0] >= 1.5 || event.c.endsWith("\"")) || event.d.exists(x, x % 2 == -1)"#)
                == #"and(or(call("exists",select(event,"d"),equal(-1,remainder($0,2))),"#
                + #"not(or(at-most(double:3ff8000000000000,index(select(select(event,"a"),"b"),0)),"#
                + #"method("endsWith",select(event,"c"),"\"")))))"#)
        #expect(
            text("event.a ? -event.b : [null, true] == event.c") == text("event.a ? -event.b : event.c == [null, true]")
        )
        #expect(text("event.a ==") == #"and(unparsed("event.a =="))"#)
        #expect(
            CanonicalExpression(FieldPath([.key("a"), .index(3), .key("b c")]))
                == CanonicalExpression(#"event.a[3]["b c"]"#))
    }

    @Test func conditionsAreTakenOut() {
        var good = CanonicalExpression("event.a == 1 && !has(event.b) && event.c")
        good.subtract(CanonicalExpression("event.c && 1 == event.a"))
        #expect(good == CanonicalExpression("!has(event.b)"))
    }

    /// Expressions with one text come to the same for every event; and there are such among the random ones.
    @Test func whatHasOneTextMatchesTheSameEvents() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("canonical text seed \(seed)")
        var random = RandomExpressions(generator: SeededGenerator(seed: seed))
        let events = RandomExpressions.events
        var known: [[UInt8]: (source: String, outcomes: [Bool])] = [:]
        var repeated = 0
        for _ in 0..<20_000 {
            let source = random.expression(depth: 2)
            let outcomes = try events.map { try $0.outcome(source) == .bool(true) }
            let text = CanonicalExpression(source).text
            if let other = known[text] {
                if other.source != source { repeated += 1 }
                #expect(other.outcomes == outcomes, "\(other.source) and \(source); seed \(seed)")
            } else {
                known[text] = (source, outcomes)
            }
        }
        #expect(repeated > 100, "seed \(seed)")
    }

    /// However an expression is laid out, its text stays.
    @Test func layoutChangesNothing() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("layout seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let form = generator.next()
            var plain = RandomExpressions(generator: SeededGenerator(seed: form))
            var odd = RandomExpressions(
                generator: SeededGenerator(seed: form), layout: SeededGenerator(seed: generator.next()))
            let (source, other) = (plain.expression(depth: 3), odd.expression(depth: 3))
            #expect(CanonicalExpression(source) == CanonicalExpression(other), "\(source) and \(other); seed \(seed)")
        }
    }
}

/// Makes expressions over two fields; with a `layout`, in one of the ways in which each can be written.
private struct RandomExpressions {
    var generator: SeededGenerator
    var layout: SeededGenerator?

    static let events: [TestEvent] = {
        let values: [TestEvent.Field?] = [nil, .null, .bool(true), .integer(1), .double(1.5), .text("x")]
        return values.flatMap { a in
            values.map { b in
                var fields: [String: TestEvent.Field] = ["requestParameters": .json("{}")]
                fields["requestParameters.a"] = a
                fields["requestParameters.b"] = b
                return TestEvent(fields)
            }
        }
    }()

    private mutating func isOdd() -> Bool { layout?.next().isMultiple(of: 2) ?? false }

    private mutating func joined(_ operands: [String], _ symbol: String) -> String {
        var operands = operands
        guard var layout else { return operands.joined(separator: " \(symbol) ") }
        operands.shuffle(using: &layout)
        operands.append(operands[0])
        self.layout = layout
        return "(" + operands[0] + symbol + "\n(" + operands.dropFirst().joined(separator: " \(symbol)") + "))"
    }

    private mutating func pair(_ left: String, _ symbol: String, _ right: String, mirrored: String?) -> String {
        guard let mirrored, isOdd() else { return "\(left) \(symbol) \(right)" }
        return "(\(right))\(mirrored)  \(left)"
    }

    mutating func expression(depth: Int) -> String {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 9), using: &generator) {
        case 0: return pair(field(), "==", value(), mirrored: "==")
        case 1: return pair(field(), "!=", value(), mirrored: "!=")
        case 2: return pair(field(), "<", value(isOrdered: true), mirrored: ">")
        case 3: return pair(field(), ">=", value(isOrdered: true), mirrored: "<=")
        case 4:
            let values = [value(), value()]
            return "\(field()) in [\((isOdd() ? values.reversed() : values).joined(separator: ","))]"
        case 5, 6:
            return "(" + joined((0..<2).map { _ in expression(depth: depth - 1) }, "&&") + ")"
        case 7:
            return "(" + joined((0..<2).map { _ in expression(depth: depth - 1) }, "||") + ")"
        default: return "!(\(expression(depth: depth - 1)))"
        }
    }

    private mutating func field() -> String {
        let name = Bool.random(using: &generator) ? "a" : "b"
        return isOdd() ? "event[\"requestParameters\"].\(name)" : "event.requestParameters.\(name)"
    }

    private mutating func value(isOrdered: Bool = false) -> String {
        switch Int.random(in: 0..<(isOrdered ? 4 : 5), using: &generator) {
        case 0: "1"
        case 1: "1.5"
        case 2: isOdd() ? "'x'" : "\"x\""
        case 3: "true"
        default: "null"
        }
    }
}
