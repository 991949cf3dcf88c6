import Expressions
import TelemetryModel
import TestFilters
import Testing

@Suite struct ProblemTests {
    @Test(arguments: [
        ("event.errorcode == 'x'", "cloudtrail events have no field 'errorcode'; did you mean errorCode?"),
        (
            "has(event.userIdentity.principalID)",
            "cloudtrail events have no field 'userIdentity.principalID'; did you mean userIdentity.principalId?"
        ),
        ("event.arn == 'x'", "cloudtrail events have no field 'arn'; did you mean userIdentity.arn?"),
        (
            "event.resources.ARN == 'x'",
            "cloudtrail events have no field 'resources.ARN'; did you mean resources[0].ARN?"
        ),
        (
            "event.resources.exists(r, r.arm == 'x')",
            "cloudtrail events have no field 'resources[0].arm'; did you mean resources[0].ARN?"
        ),
        ("evnt.eventName == 'x'", "there is no variable 'evnt'; did you mean event?"),
        ("eventName == 'x'", "there is no variable 'eventName'; did you mean event.eventName?"),
        ("event.eventName.startswith('x')", "there is no function '.startswith()'; did you mean .startsWith()?"),
        ("event.eventName = 'x'", "'=' is no operator; write '==' to compare"),
        ("event.eventName == 'x' and true", "'and' does not belong here; the expression is complete before it"),
        (
            "event.eventName == 5",
            "'==' compares string with int, which are never equal; write the number in quotes, or convert the text by int() or double()"
        ),
        (
            "event.readOnly == 'true'",
            "'==' compares bool with string, which are never equal; write true and false without quotes"
        ),
        (
            "event.requestParameters[event.eventName]",
            "an index must be a literal, so that the field is known when the expression is loaded; to look at all elements write list.exists(x, x == …)"
        ),
        ("1u == 1", "unsigned integers are not supported: leave out the u"),
        ("b'x' == 'x'", "byte literals are not supported: events hold text; write it without the b"),
        ("event.eventName.matches('(a')", "at byte 0 of this pattern: this '(' is never closed"),
        (
            "event.eventName.matches('(?=a)')",
            "at byte 0 of this pattern: look-around is not supported: it can't be matched in linear time"
        ),
        (
            "event.eventName.matches(event.userAgent)",
            "a pattern must be a literal, so that it is compiled when the expression is loaded"
        ),
        (
            "cidr('10.0.0.0/33').contains(event.sourceIPAddress)",
            "'10.0.0.0/33' is no IP network; write 10.0.0.0/8 or 2001:db8::/32"
        ),
        ("event.eventName + 'x' == 'y'", "joining texts is not supported in expressions; compare the parts"),
        ("", "the expression is empty; leave the filter out instead"),
        ("(1", "a closing ')' is expected here, not the end"),
        ("'abc", "this string has no closing quote"),
        ("event", "'event' is the whole record; name a field of it, such as event.eventTime"),
        (
            "99999999999999999999 == 1",
            "this number does not fit into 64 bits; write 99999999999999999999.0 for a double"
        ),
        ("{'a': 1}", "map literals are not supported; compare the fields one by one"),
        ("event.eventName == 'a' ? 1 : 'x'", "both results of '?' need one type, not int and string"),
        ("'a' in event.eventName", "'in' does not search text; write text.contains(part)"),
    ])
    func mistakeIsNamedWithWhatToDo(_ source: String, _ message: String) {
        #expect(problem(source)?.message == message, "\(source)")
    }

    @Test func flowLogFieldsAreChecked() {
        #expect(problem("event.log_status == 'OK' && event.dstport == 443", .event(.vpcFlow)) == nil)
        #expect(
            problem("event.log-status == 'OK'", .event(.vpcFlow))?.message
                == "vpc_flow events have no field 'log'")
        #expect(
            problem("event.srcadr == 'x'", .event(.vpcFlow))?.message
                == "vpc_flow events have no field 'srcadr'; did you mean srcaddr?")
    }

    @Test func metricFieldsAreChecked() {
        #expect(problem("event.namespace == 'AWS/ELB' && event.dimensions.LoadBalancer == 'a'", .event(.metric)) == nil)
        #expect(problem("event.value.quantiles['p99.9'] > 0.5", .event(.metric)) == nil)
        #expect(
            problem("event.value.average > 1.0", .event(.metric))?.message
                == "metric events have no field 'value.average'")
    }

    @Test func measuresAreCheckedByName() {
        #expect(
            problem("sun / count", .measures(["sum", "count"]))?.message
                == "there is no measure 'sun'; did you mean sum?")
        #expect(problem("sum / 2", .measures(["sum"]))?.message == "'/' does not mix int and double; write 2.0")
        #expect(throws: ExpressionProblem.self) { try ExpressionCompiler.compileValue("sum > 1.0", measures: ["sum"]) }
    }

    @Test func filterMustComeToABool() {
        var projection = ProjectionBuilder(kind: .cloudTrail)
        #expect(throws: ExpressionProblem.self) {
            try ExpressionCompiler.compileFilter("event.eventName", over: .cloudTrail, projection: &projection)
        }
        #expect(projection.fields.isEmpty)
    }

    @Test func placeIsLineAndColumn() {
        let found = problem("event.eventName == 'é' &&\n  event.errorcode == 'x'")
        #expect(found?.line == 2)
        #expect(found?.column == 9)
        #expect(found?.utf8Offset == 35)
    }

    @Test func depthIsRefusedAndDoesNotOverflowTheStack() {
        let count = 10_000
        for source in [
            String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count),
            String(repeating: "(", count: count), String(repeating: "[", count: count),
            String(repeating: "!", count: count) + "true", String(repeating: "-", count: count) + "1",
            String(repeating: "true ? true : ", count: count) + "true",
            "event" + String(repeating: ".a", count: count), "event" + String(repeating: "[0]", count: count),
            "1" + String(repeating: " + 1", count: count), String(repeating: "has(", count: count),
            "event.requestParameters" + String(repeating: ".exists(x, x", count: count),
            String(repeating: "a in ", count: count),
        ] {
            #expect(problem(source) != nil, "\(source.prefix(20))")
        }
        // A chain of conditions is flat, and may be long.
        #expect(problem("event.eventName == 'a'" + String(repeating: " || event.eventName == 'a'", count: 1000)) == nil)
    }

    @Test func unfoldingIsBounded() {
        let list = "[" + (0..<60).map(String.init).joined(separator: ",") + "]"
        let source = "\(list).exists(a, \(list).exists(b, \(list).exists(c, \(list).exists(d, a == b && c == d))))"
        #expect(problem(source)?.message == "the expression unfolds to more than 10000 parts; split it")
    }

    @Test func unfoldingKeepsPatternsOnce() throws {
        let list = "[" + (0..<200).map(String.init).joined(separator: ",") + "]"
        let source = "\(list).all(a, event.eventName.matches('x.{100}y') || a >= 0)"
        let event = TestEvent(["eventName": .text("login")])
        #expect(try event.outcome(source) == .bool(true))
        let many = (0..<101).map { "event.eventName.matches('\($0)')" }.joined(separator: " || ")
        #expect(problem(many)?.message.hasPrefix("an expression has at most 100 patterns") == true)
    }
}

/// The message of the problem that `source` has, or `nil` when it compiles.
func problem(_ source: String, _ environment: Environment = .event(.cloudTrail)) -> ExpressionProblem? {
    var kind = EventKind.metric
    if case .event(let given) = environment { kind = given }
    var projection = ProjectionBuilder(kind: kind)
    do {
        _ = try ExpressionCompiler.compile(source, over: environment, projection: &projection)
        return nil
    } catch {
        return error
    }
}
