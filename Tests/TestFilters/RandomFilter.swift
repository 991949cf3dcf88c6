import Statistics

/// Filters of every shape over few fields and few values, so that many have something in common and many are true.
package struct RandomFilter {
    private static let texts = [
        "eventName", "eventSource", "awsRegion", "errorCode", "userIdentity.arn", "userIdentity.type",
    ]
    private static let values = [
        "", "a", "ab", "abc", "abd", "b", "ba", "größer", "Describe", "DescribeKey", "List", "17",
    ]
    private static let flags = ["readOnly", "managementEvent"]
    private static let anything = ["requestParameters.n", "requestParameters.m"]
    private static let lists = ["requestParameters.list", "requestParameters.names"]

    package static func source(depth: Int, using generator: inout SeededGenerator) -> String {
        func inner() -> String { source(depth: depth - 1, using: &generator) }
        guard depth > 0 else { return leaf(using: &generator) }
        switch Int.random(in: 0..<12, using: &generator) {
        case 0...3: return "\(inner()) && \(inner())"
        case 4, 5: return "(\(inner()) || \(inner()))"
        case 6, 7: return "!(\(inner()))"
        case 8: return "(\(inner()) ? \(inner()) : \(inner()))"
        case 9: return "(\(inner()) && \(inner()) || \(inner()))"
        default: return leaf(using: &generator)
        }
    }

    private static func leaf(using generator: inout SeededGenerator) -> String {
        func any(_ values: [String]) -> String { values[Int.random(in: 0..<values.count, using: &generator)] }
        func value() -> String { "'\(any(values))'" }
        func number() -> String { any(["-1", "0", "1", "2", "17", "9007199254740993"]) }
        let (text, flag, thing, list) = (
            "event.\(any(texts))", "event.\(any(flags))", "event.\(any(anything))", "event.\(any(lists))"
        )
        switch Int.random(in: 0..<30, using: &generator) {
        case 0...3: return "\(text) == \(value())"
        case 4: return "\(value()) != \(text)"
        case 5, 6: return "\(text) in [\(value()), \(value()), \(value())]"
        case 7, 8: return "\(text).startsWith(\(value()))"
        case 9: return "\(text).endsWith(\(value()))"
        case 10: return "\(text).contains(\(value()))"
        case 11: return "\(text).matches('^a.?')"
        case 12: return "has(\(text))"
        case 13: return "!has(\(any([text, thing, flag])))"
        case 14: return flag
        case 15: return "\(flag) == \(any(["true", "false"]))"
        case 16: return "\(thing) == \(any([number(), value(), "true", "null", "1.5"]))"
        case 17: return "\(thing) != \(any([number(), value(), "false"]))"
        case 18: return "\(thing) \(any(["<", "<=", ">", ">="])) \(any([number(), "1.5"]))"
        case 19: return "\(thing) in [\(number()), \(value()), \(any(["true", "null", "2.0"]))]"
        case 20: return "\(thing)"
        case 21: return "int(\(text)) > 3"
        case 22: return "(10 / \(thing)) > 2"
        case 23: return "\(list).exists(x, x == \(any([number(), value()])))"
        case 24: return "\(list).all(x, x != \(value()) && x.startsWith('a'))"
        case 25: return "\(list).exists_one(x, x == \(value()))"
        case 26: return "['a', 'b', 'Describe'].\(any(["exists", "all"]))(p, \(text).startsWith(p))"
        case 27: return "\(value()) in \(list)"
        case 28: return any(["true", "false", "'n' in event.requestParameters", "size(\(list)) > 1"])
        default: return "\(text) < \(value())"
        }
    }

    /// An event with each field in any state: missing, null, of another type than most.
    package static func event(using generator: inout SeededGenerator) -> TestEvent {
        func any<Element>(_ values: [Element]) -> Element {
            values[Int.random(in: 0..<values.count, using: &generator)]
        }
        var fields: [String: TestEvent.Field] = [:]
        for name in texts where any([true, true, true, false]) { fields[name] = .text(any(values)) }
        for name in flags where any([true, true, false]) { fields[name] = any([.bool(true), .bool(false), .null]) }
        for name in anything where any([true, true, true, false]) {
            fields[name] = any([
                .integer(1), .integer(17), .integer(9_007_199_254_740_993), .double(1), .double(1.5), .double(.nan),
                .double(9_007_199_254_740_992), .text(any(values)), .bool(true), .null, .json("[1]"),
            ])
        }
        for name in lists where any([true, true, false]) {
            fields[name] = any([
                .json("[]"), .json(#"["a","ab"]"#), .json(#"["a",1,null]"#), .json(#"[17,"b","a\u0062"]"#),
                .json(#"{"a":1,"b":2}"#), .text("a"),
            ])
        }
        for name in texts where any([false, false, false, false, false, false, false, true]) {
            fields[name] = any([.null, .integer(17), .json("{}"), .bool(true)])
        }
        if any([true, true, false]) { fields["requestParameters"] = any([.json(#"{"n":1}"#), .json("[]"), .null]) }
        if any([true, true, false]) { fields["userIdentity"] = any([.json("{}"), .text("a")]) }
        return TestEvent(fields)
    }
}
