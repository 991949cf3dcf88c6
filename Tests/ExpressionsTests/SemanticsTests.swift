import Expressions
import TelemetryModel
import TestFilters
import Testing

@Suite struct SemanticsTests {
    static let event = TestEvent([
        "eventName": .text("ConsoleLogin"),
        "eventSource": .text("signin.amazonaws.com"),
        "errorMessage": .text("größer € 😀"),
        "sourceIPAddress": .text("10.1.2.3"),
        "userAgent": .text("AWS Internal"),
        "readOnly": .bool(false),
        "managementEvent": .bool(true),
        "responseElements": .null,
        "userIdentity": .json(#"{"type":"IAMUser"}"#),
        "userIdentity.type": .text("IAMUser"),
        "requestParameters": .json(#"{"a":1}"#),
        "requestParameters.maximum": .integer(.max),
        "requestParameters.minimum": .integer(.min),
        "requestParameters.seven": .integer(7),
        "requestParameters.half": .double(0.5),
        "requestParameters.nan": .double(.nan),
        "requestParameters.big": .double(9_007_199_254_740_992),
        "requestParameters.digits": .text("42"),
        "requestParameters.list": .json(#"[ 1, "two", 3.0, null, {"k":"v \u00e9"}, "es\"caped" ]"#),
        "requestParameters[\"x-y\"]": .text("dashed"),
        "resources": .json(
            #"[{"ARN":"arn:aws:s3:::b","type":"AWS::S3::Bucket"},{"ARN":"arn:aws:s3:::b/k\u002ftxt","accountId":"1"}]"#),
        "resources[0].ARN": .text("arn:aws:s3:::b"),
        "additionalEventData": .json(#"{"MFAUsed":"No","n":{"deep":[1,2]}}"#),
    ])

    static let table: [(String, Outcome)] = [
        // Literals.
        ("true", .bool(true)), ("null", .null), ("0x1F", .integer(31)), ("-0x1F", .integer(-31)),
        ("-9223372036854775808", .integer(.min)), ("1.5e3", .double(1500)), (".5", .double(0.5)),
        ("'a' == \"a\"", .bool(true)), ("'''a\n'b''' == \"a\\n'b\"", .bool(true)), (#"r"\d" == "\\d""#, .bool(true)),
        (#"'\x41\u00e9\U0001F600\101' == 'Aé😀A'"#, .bool(true)), ("1 // a comment\n == 1", .bool(true)),
        // Fields.
        ("event.eventName == 'ConsoleLogin'", .bool(true)), ("'ConsoleLogin' == event.eventName", .bool(true)),
        ("event['eventName'] != 'x'", .bool(true)), ("event.requestParameters['x-y'] == 'dashed'", .bool(true)),
        ("event.requestParameters.`x-y` == 'dashed'", .bool(true)),
        ("event.resources[0].ARN == 'arn:aws:s3:::b'", .bool(true)),
        ("event.errorCode == 'x'", .error(.noSuchField)), ("event.errorCode != 'x'", .error(.noSuchField)),
        ("event.resources[7].ARN == 'x'", .error(.noSuchField)),
        ("event.responseElements == null", .bool(true)), ("event.eventName == null", .bool(false)),
        ("event.responseElements != null", .bool(false)),
        // has() and `in` on maps.
        ("has(event.eventName)", .bool(true)), ("has(event.errorCode)", .bool(false)),
        ("!has(event.errorCode)", .bool(true)), ("has(event.responseElements)", .bool(true)),
        ("has(event.userIdentity.arn)", .bool(false)), ("!has(event.userIdentity.arn)", .bool(true)),
        ("has(event.responseElements.x)", .error(.noSuchOverload)),
        ("!has(event.tlsDetails.tlsVersion)", .error(.noSuchField)),
        ("'a' in event.requestParameters", .bool(true)), ("'b' in event.requestParameters", .bool(false)),
        ("'type' in event.userIdentity", .bool(true)),
        // Numbers: equal across types, exactly.
        ("event.requestParameters.seven == 7.0", .bool(true)), ("event.requestParameters.half < 1", .bool(true)),
        ("event.requestParameters.big == 9007199254740992", .bool(true)),
        ("event.requestParameters.big < 9007199254740993", .bool(true)),
        ("event.requestParameters.maximum < 9223372036854775808.0", .bool(true)),
        ("event.requestParameters.minimum == -9223372036854775808.0", .bool(true)),
        ("event.requestParameters.nan == event.requestParameters.nan", .bool(false)),
        ("event.requestParameters.nan != 1", .bool(true)), ("event.requestParameters.nan < 1", .bool(false)),
        ("event.requestParameters.nan >= 1", .bool(false)),
        // Arithmetic.
        ("7 / 2", .integer(3)), ("-7 / 2", .integer(-3)), ("-7 % 2", .integer(-1)), ("7.0 / 2.0", .double(3.5)),
        ("1 + 2 * 3 - 4", .integer(3)), ("(1 + 2) * 3", .integer(9)), ("10 - 2 - 3", .integer(5)),
        ("1 / 0", .error(.divisionByZero)),
        ("1 % 0", .error(.divisionByZero)), ("1.0 / 0.0", .double(.infinity)),
        ("event.requestParameters.maximum + 1", .error(.integerOverflow)),
        ("event.requestParameters.minimum - 1", .error(.integerOverflow)),
        ("event.requestParameters.minimum / -1", .error(.integerOverflow)),
        ("event.requestParameters.minimum % -1", .error(.integerOverflow)),
        ("-event.requestParameters.minimum", .error(.integerOverflow)),
        ("event.requestParameters.maximum * 2", .error(.integerOverflow)),
        ("event.requestParameters.seven + event.requestParameters.half", .error(.noSuchOverload)),
        // Logic absorbs errors from either side.
        ("false && 1 / 0 == 1", .bool(false)), ("1 / 0 == 1 && false", .bool(false)),
        ("true || 1 / 0 == 1", .bool(true)), ("1 / 0 == 1 || true", .bool(true)),
        ("1 / 0 == 1 && true", .error(.divisionByZero)), ("1 / 0 == 1 || false", .error(.divisionByZero)),
        ("event.errorCode == 'x' || event.eventName == 'ConsoleLogin'", .bool(true)),
        ("event.requestParameters.seven && true", .error(.noSuchOverload)),
        ("event.requestParameters.seven && false", .bool(false)),
        ("!event.readOnly && event.managementEvent", .bool(true)), ("!(1 / 0 == 1)", .error(.divisionByZero)),
        ("true ? 1 : 2", .integer(1)), ("false ? 1 / 0 : 2", .integer(2)),
        ("1 / 0 == 1 ? 1 : 2", .error(.divisionByZero)),
        ("has(event.errorCode) ? event.errorCode == 'x' : true", .bool(true)),
        // Different types are not equal, and have no order.
        ("event.requestParameters.seven == event.requestParameters.digits", .bool(false)),
        ("event.requestParameters.seven != event.requestParameters.digits", .bool(true)),
        ("event.requestParameters.seven < event.requestParameters.digits", .error(.noSuchOverload)),
        ("false < true", .bool(true)), ("'a' < 'b'", .bool(true)), ("'a' < 'B'", .bool(false)),
        ("'a' < 'ab'", .bool(true)), ("'é' > 'z'", .bool(true)), ("'b' >= 'b'", .bool(true)),
        // Text.
        ("event.eventName.startsWith('Console')", .bool(true)), ("event.eventName.endsWith('Login')", .bool(true)),
        ("event.eventName.contains('soleL')", .bool(true)), ("event.eventName.contains('')", .bool(true)),
        ("event.eventName.contains('ConsoleLogins')", .bool(false)),
        ("event.eventName.matches('^Con.*gin$')", .bool(true)), ("matches(event.eventName, 'sole')", .bool(true)),
        ("size(event.errorMessage)", .integer(10)), ("event.errorMessage.size() == 10", .bool(true)),
        ("event.errorMessage.matches('^gr.{2}er . .$')", .bool(true)), ("size([1, 2, 3])", .integer(3)),
        // Lists.
        ("event.eventName in ['x', 'ConsoleLogin']", .bool(true)), ("event.eventName in []", .bool(false)),
        ("1 in event.requestParameters.list", .bool(true)), ("3 in event.requestParameters.list", .bool(true)),
        ("'two' in event.requestParameters.list", .bool(true)), ("null in event.requestParameters.list", .bool(true)),
        ("'es\"caped' in event.requestParameters.list", .bool(true)),
        ("'three' in event.requestParameters.list", .bool(false)), ("size(event.requestParameters.list)", .integer(6)),
        ("1 in event.requestParameters.seven", .error(.noSuchOverload)),
        ("event.requestParameters.list.exists(x, x == 'two')", .bool(true)),
        ("event.requestParameters.list.exists(x, x.k == 'v é')", .bool(true)),
        ("event.requestParameters.list.exists(x, x.startsWith('es\"'))", .bool(true)),
        ("event.requestParameters.list.exists(x, x.endsWith('\"caped'))", .bool(true)),
        ("event.requestParameters.list.exists(x, x.contains('\"cap'))", .bool(true)),
        ("event.requestParameters.list.exists(x, x.matches('^es\"c'))", .bool(true)),
        ("event.requestParameters.list.exists(x, size(x) == 8)", .bool(true)),
        ("event.requestParameters.list.exists(x, x == 'no')", .bool(false)),
        ("event.requestParameters.list.all(x, x != 'no')", .bool(true)),
        ("event.requestParameters.list.all(x, x > 0)", .error(.noSuchOverload)),
        ("event.resources.exists(r, has(r.accountId) && r.accountId == '1')", .bool(true)),
        ("event.resources.all(r, r.ARN.startsWith('arn:aws:s3'))", .bool(true)),
        ("event.resources.exists_one(r, has(r.type))", .bool(true)),
        ("event.resources.exists(r, r.ARN.endsWith('k/txt'))", .bool(true)),
        ("['Console', 'Login'].all(p, event.eventName.contains(p))", .bool(true)),
        ("['x', 'y'].exists(p, event.eventName.contains(p))", .bool(false)),
        ("[1, 2].exists(a, [2, 3].exists(b, a == b))", .bool(true)),
        ("event.additionalEventData.exists(k, k == 'MFAUsed')", .bool(true)),
        ("[event.additionalEventData].exists(d, d.n.deep[1] == 2)", .bool(true)),
        ("[event.additionalEventData].exists(d, d.n.deep[2] == 2)", .error(.noSuchField)),
        // Conversions.
        ("int(event.requestParameters.digits) + 1", .integer(43)), ("int('x')", .error(.invalidArgument)),
        ("int('9223372036854775808')", .error(.invalidArgument)), ("int(-1.9)", .integer(-1)),
        ("int(1e19)", .error(.integerOverflow)), ("double('1.5')", .double(1.5)), ("double(3)", .double(3)),
        ("string(event.eventName) == 'ConsoleLogin'", .bool(true)), ("bool('True')", .bool(true)),
        ("bool('tRUE')", .error(.invalidArgument)),
        // Addresses.
        ("cidr('10.0.0.0/8').contains(event.sourceIPAddress)", .bool(true)),
        ("cidr('10.0.0.0/8').containsIP(ip(event.sourceIPAddress))", .bool(true)),
        ("cidr('11.0.0.0/8').contains(event.sourceIPAddress)", .bool(false)),
        ("cidr('2001:db8::/32').contains(event.sourceIPAddress)", .bool(false)),
        ("cidr('2001:db8::/33').contains('2001:db8:8000::1')", .bool(false)),
        ("cidr('2001:db8::/33').contains('2001:db8:7fff::1')", .bool(true)),
        ("cidr('::/0').contains('::1')", .bool(true)), ("cidr('0.0.0.0/0').contains('255.255.255.255')", .bool(true)),
        ("cidr('10.1.2.3/32').contains(event.sourceIPAddress)", .bool(true)),
        ("cidr('10.0.0.0/8').contains(event.userAgent)", .error(.invalidArgument)),
        ("isIP(event.userAgent)", .bool(false)), ("ip(event.sourceIPAddress).family()", .integer(4)),
        ("ip('::1') == ip('0:0:0:0:0:0:0:1')", .bool(true)),
        ("cidr('10.0.0.0/8').containsCIDR('10.2.0.0/16')", .bool(true)),
        ("cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')", .bool(false)),
        (
            "isIP('1.2.3.04') || isIP('::ffff:1.2.3.4') || isIP('1::2::3') || isIP('fe80::1%eth0') || isIP(':1')",
            .bool(false)
        ),
        ("isIP('1:2:3:4:5:6:7::') && isIP('::') && isIP('1:2:3:4:5:6:1.2.3.4')", .bool(true)),
        ("isIP('1:2:3:4:5:6:7:8:9') || isIP('1:2:3:4:5:6:7:8::') || isIP('1:') || isIP('12345::')", .bool(false)),
    ]

    @Test(arguments: table.indices)
    func expressionComesToItsOutcome(_ index: Int) throws {
        let (source, expected) = SemanticsTests.table[index]
        #expect(try SemanticsTests.event.outcome(source) == expected, "\(source)")
        var copy = SemanticsTests.event
        copy.usesArena = true
        #expect(try copy.outcome(source) == expected, "in the arena: \(source)")
    }

    @Test func textOfAnEventAndOfALiteralCanBeRead() throws {
        #expect(try SemanticsTests.event.text("event.eventName") == "ConsoleLogin")
        #expect(try SemanticsTests.event.text("event.readOnly ? event.eventName : 'other'") == "other")
    }

    @Test func metricNumbersAreDoublesWhateverTheyWereWrittenAs() throws {
        let event = TestEvent(["value.sum": .integer(7), "value.count": .integer(2)])
        #expect(try event.outcome("event.value.sum / event.value.count", .metric) == .double(3.5))
    }

    @Test func measuresAreVariables() throws {
        let program = try ExpressionCompiler.compileValue("sum / count", measures: ["count", "sum"])
        let row: [FieldValue] = [.integer(4), .double(10)]
        #expect(program.number(measures: row.span) == 2.5)
        let missing: [FieldValue] = [.absent, .double(10)]
        #expect(program.number(measures: missing.span) == nil)
    }

    @Test func everyFieldOfAPathIsProjectedOnce() throws {
        var projection = ProjectionBuilder(kind: .cloudTrail)
        for source in ["event.eventName == 'a' || event.eventName == 'b'", "has(event.errorCode)"] {
            _ = try ExpressionCompiler.compileFilter(source, over: .cloudTrail, projection: &projection)
        }
        #expect(projection.fields == [FieldPath(keys: "eventName"), FieldPath(keys: "errorCode")])
    }

    @Test func nestedListsCannotMakeEvaluationSlow() throws {
        let numbers = "[" + Array(repeating: "1", count: 60_000).joined(separator: ",") + "]"
        let event = TestEvent(["requestParameters.a": .json(numbers)])
        let outcome = try event.outcome(
            "event.requestParameters.a.all(x, event.requestParameters.a.all(y, event.requestParameters.a.all(z, x == y && y == z)))"
        )
        #expect(outcome == .error(.tooMuchWork))
    }

    @Test func malformedJSONIsAnErrorAndNoTrap() throws {
        for text in ["[", "[1", "[\"a", "{\"a\"", "{\"a\":", "[1 2 x", "{", "", "[x]", "[\"\\", "{\"a\":\"\\u12"] {
            let event = TestEvent(["requestParameters.a": .json(text)])
            _ = try event.outcome("event.requestParameters.a.exists(x, x == 'a' || x.b == 'c' || x.matches('a'))")
            _ = try event.outcome("size(event.requestParameters.a) > 1 && 'x' in event.requestParameters.a")
            _ = try event.outcome("[event.requestParameters.a].exists(x, has(x.a) && x.a.startsWith('é'))")
        }
    }
}
