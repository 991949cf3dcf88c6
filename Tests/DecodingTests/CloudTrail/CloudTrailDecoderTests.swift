import Statistics
import TelemetryModel
import Testing

@testable import Decoding

@Suite struct CloudTrailDecoderTests {
    struct Outcome {
        var rows: [RecordingJSONConsumer.Row]
        var refusals: [RecordingJSONConsumer.Refusal]
        var order: [Int]
        var count: Int
    }

    static func decode(
        _ bytes: [UInt8], _ fields: [String] = [], limits: DecodingLimits = DecodingLimits()
    ) -> Outcome {
        let projection = Projection(kind: .cloudTrail, fields: fields.map(FieldPath.of))
        var decoder = MessageDecoder(
            format: .cloudTrail, projections: ProjectionSet(cloudTrail: projection), limits: limits)
        var consumer = RecordingJSONConsumer()
        let count = unsafe decoder.decode(bytes.span.bytes, to: &consumer)
        return Outcome(rows: consumer.rows, refusals: consumer.refusals, order: consumer.order, count: count)
    }

    static func decode(_ text: String, _ fields: [String] = [], limits: DecodingLimits = DecodingLimits()) -> Outcome {
        decode(Array(text.utf8), fields, limits: limits)
    }

    static func event(_ rest: String = "") -> String { "{\"eventTime\":\"2026-11-20T10:00:00Z\"\(rest)}" }

    @Test(arguments: [
        "E", "[E]", "E\nE", "E\r\n\r\nE\r\n", "EE", "[E,E] [E]\nE", "{\"Records\":[E,E,E]}", "{\"Records\":[]}", "[]",
        "",
        "{\"a\":1,\"b\":\"x\",\"Records\":[E , E],\"more\":{\"c\":[1]}}\n{\"Records\":[E]}", "\u{FEFF}E", "  \n E \n",
        "{ \"Re\\u0063ords\" : [ E ] }",
    ])
    func everyShapeGivesItsRecords(shape: String) {
        let expected = shape.filter { $0 == "E" }.count
        let outcome = Self.decode(shape.replacing("E", with: Self.event()))
        #expect(outcome.rows.count == expected)
        #expect(outcome.refusals.isEmpty)
        #expect(outcome.count == expected)
        #expect(outcome.order == Array(0..<expected))
        #expect(outcome.rows.allSatisfy { $0.record == Self.event() && $0.time.description == "2026-11-20T10:00:00Z" })
    }

    @Test(arguments: [
        ("2 123 eni-1 ACCEPT", RejectionReason.invalidJSON), ("foo bar", .invalidJSON), ("42", .invalidField),
        ("\"text\"", .invalidField), ("null null", .invalidJSON),
    ])
    func lineThatDoesNotBeginAsARecordIsOneRejection(line: String, reason: RejectionReason) {
        let outcome = Self.decode("\(Self.event())\n\(line)\r\n\(Self.event())\n\(line)")
        #expect(outcome.rows.count == 2)
        #expect(outcome.refusals.map(\.reason) == [reason, reason])
        #expect(outcome.refusals.map(\.original) == [line, line])
        #expect(outcome.count == 4)
    }

    @Test func everyKindOfValueAndPathIsReached() {
        let text = #"""
            {"eventTime":"2026-11-20T10:00:00Z","a":{"b":{"c":{"d":"deep"}}},"requestParameters":{"x-amz-acl":"private",
            "list":[{"k":1},{"k":[10,{"z":"elem"}]}],"n":-5,"big":9223372036854775808,"f":1.5,"t":true,"nil":null,
            "o":{ "p" : 1 }},"e\u0073c":"\u00e9\n","longKeyOfMoreThanSixteenBytes":"L","longKeyOfMore":"M"}
            """#
        let fields = [
            "a.b.c.d", "requestParameters[\"x-amz-acl\"]", "requestParameters.list[1].k[1].z",
            "requestParameters.list[0].k",
            "requestParameters.n", "requestParameters.big", "requestParameters.f", "requestParameters.t",
            "requestParameters.nil", "requestParameters.o", "esc", "longKeyOfMoreThanSixteenBytes", "longKeyOfMore",
            "nothing", "a.b.x", "eventTime", "a.b", "requestParameters.list[7]",
        ]
        let outcome = Self.decode(text, fields)
        #expect(outcome.refusals.isEmpty)
        #expect(
            outcome.rows.first?.values == [
                "'deep'", "'private'", "'elem'", "1", "-5", "9.223372036854776e+18d", "1.5d", "true", "null",
                "{ \"p\" : 1 }", "'é\n'", "'L'", "'M'", "-", "-", "'2026-11-20T10:00:00Z'", "{\"c\":{\"d\":\"deep\"}}",
                "-",
            ])
    }

    @Test func keysOfTheSameNameElsewhereAreNotTaken() {
        let text = Self.event(
            ",\"x\":{\"errorCode\":\"no\",\"userIdentity\":{\"arn\":\"no\"}},\"l\":[{\"errorCode\":\"no\"}],\"userIdentity\":{\"s\":{\"arn\":\"no\"},\"arn\":\"yes\"},\"v\":\"errorCode\""
        )
        #expect(Self.decode(text, ["errorCode", "userIdentity.arn"]).rows.first?.values == ["-", "'yes'"])
    }

    @Test func theLastOfRepeatedKeysCounts() {
        let text = Self.event(",\"u\":{\"a\":1,\"b\":2},\"u\":{\"b\":3},\"k\":1,\"k\":\"two\"")
        let outcome = Self.decode(text, ["u.a", "u.b", "k", "u"])
        #expect(outcome.rows.first?.values == ["-", "3", "'two'", "{\"b\":3}"])
    }

    @Test func aBrokenLineIsOneRejectionAndTheRestGoesOn() {
        let good = Self.event()
        let bad = [
            "{\"eventTime\":", "garbage", "{\"a\":\"unclosed}", "{\"a\":1}}", "{\"a\":tru}", "[1",
            "{\"eventTime\":\"x\"}",
        ]
        for line in bad {
            let outcome = Self.decode("\(good)\n\(line)\n\(good)\n")
            #expect(outcome.rows.count == 2, "\(line)")
            #expect(outcome.refusals.map(\.original).joined().contains(line.prefix(3).filter { $0 != "[" }), "\(line)")
            #expect(outcome.count == outcome.rows.count + outcome.refusals.count)
            #expect(outcome.order == Array(0..<outcome.count))
        }
    }

    @Test func aBrokenElementIsOneRejectionAndTheRestGoesOn() {
        let good = Self.event()
        for bad in ["{\"a\":tru}", "{\"a\" 1}", "{\"a\":\"\\x\"}", "12", "{\"a\":[1,,2]}", "{}", "null"] {
            let outcome = Self.decode("{\"Records\":[\(good), \(bad) ,\(good)]}")
            #expect(outcome.rows.map(\.index) == [0, 2], "\(bad)")
            #expect(outcome.refusals.map(\.original) == [bad], "\(bad)")
        }
    }

    @Test(arguments: [
        ("{}", RejectionReason.missingField, 0), ("{\"eventTime\":5}", .invalidField, 0),
        ("{\"eventTime\":\"yesterday\"}", .invalidField, 14),
        ("{\"eventTime\":\"9999-01-01T00:00:00Z\"}", .outOfRange, 14),
        ("{\"eventTime\":\"2026-02-30T00:00:00Z\"}", .invalidField, 14), ("5", .invalidField, 0),
        ("{\"a\":\"\u{1}\"}", .invalidJSON, 6),
        ("{\"eventTime\":\"2026-11-20T10:00:00Z\"", .truncated, 35),
    ])
    func rejectionsSayWhyAndWhere(text: String, reason: RejectionReason, offset: Int) {
        let outcome = Self.decode(text, ["n"])
        #expect(outcome.rows.isEmpty)
        #expect(outcome.refusals.map(\.reason) == [reason])
        #expect(outcome.refusals.map(\.byteOffset) == [offset])
        #expect(outcome.refusals.map(\.original) == [text])
    }

    @Test func textOfNothingButOpeningsEnds() {
        for line in ["[0,\n", "{\"a\":[0,\n", "[{\"a\":\n", "{\"Records\":[\n"] {
            let outcome = Self.decode(String(repeating: line, count: 2000))
            #expect(outcome.rows.isEmpty)
            #expect(!outcome.refusals.isEmpty)
        }
    }

    @Test func anEnvelopeMayHoldOtherMembersFirst() {
        let other = "\"a\":{\"Records\":[1]},\"l\":[1,2]"
        let outcome = Self.decode("{\(other),\"Records\":[\(Self.event()),{}],\"z\":{}}")
        #expect(outcome.rows.map(\.index) == [0])
        #expect(outcome.refusals.map(\.index) == [1])
        let cut = Self.decode("{\(other),\"Records\":[\(Self.event()),")
        #expect(cut.rows.count == 1)
        #expect(cut.refusals.map(\.reason) == [.truncated])
    }

    @Test func limitsHold() {
        let deep = Self.event(",\"d\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200))
        #expect(Self.decode(deep).refusals.map(\.reason) == [.nestingTooDeep])
        #expect(Self.decode(deep, limits: DecodingLimits(nestingMax: 300)).rows.count == 1)
        let large = Self.event(",\"d\":\"" + String(repeating: "x", count: 1000) + "\"")
        #expect(Self.decode(large, limits: DecodingLimits(recordBytesMax: 999)).refusals.map(\.reason) == [.tooLarge])
    }

    @Test func recordsDeeperThanTheScannerLooksDecodeAlike() {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        let text = Self.event(",\"a\":{\"b\":1,\"l\":[5,6]},\"d\":\(deep),\"\\u006b\":\"v\"")
        #expect(Self.decode(text, ["a.b", "a.l[1]", "k", "d"]).rows.first?.values == ["1", "6", "'v'", deep])
    }

    @Test func noPrefixOfARecordIsAccepted() {
        let record = Array(Self.event(",\"a\":{\"é\\n\":[1,-2.5e3,true,null,{\"x\":\"\\ud83d\\ude00\"}]},\"z\":0").utf8)
        #expect(Self.decode(record).rows.count == 1)
        for shape in 0..<2 {
            let whole = shape == 0 ? record : Array("{\"Records\":[".utf8) + record + Array("]}".utf8)
            let ends = shape == 0 ? record.count : 12 + record.count
            for count in 1..<whole.count {
                let outcome = Self.decode(Array(whole.prefix(count)), ["a"])
                #expect(outcome.rows.count == (count >= ends && shape == 1 ? 1 : 0), "\(count)")
                #expect(!outcome.refusals.isEmpty, "\(count)")
            }
        }
    }

    @Test func everyRecordIsSeenWhateverTheDamage() {
        let seed: UInt64 = 99
        print("everyRecordIsSeenWhateverTheDamage: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<3000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                text +=
                    JSONFuzz.mutated(&generator)
                    + Array(["\n", ",", "", "[", "]"].randomElement(using: &generator)!.utf8)
            }
            let outcome = Self.decode(text, ["userIdentity.type", "t[1]", "x", "k", "eventTime"])
            #expect(outcome.count == outcome.rows.count + outcome.refusals.count)
            #expect(outcome.order == Array(0..<outcome.count))
            #expect(outcome.refusals.allSatisfy { (0...$0.original.utf8.count * 3).contains($0.byteOffset) })
        }
    }

    @Test func batchesFlushInOrderAndIndexesGoOn() {
        let lines = (0..<1000).map { $0 % 97 == 5 ? "{}" : Self.event(",\"n\":\($0)") }.joined(separator: "\n")
        let outcome = Self.decode(lines, ["n"])
        #expect(outcome.count == 1000)
        #expect(outcome.order == Array(0..<1000))
        #expect(outcome.rows.allSatisfy { $0.values == ["\($0.index)"] })
    }

    @Test(arguments: [
        ("20131102T010628Z", "2013-11-02T01:06:28Z"), ("2025-01-21 17:39:10.000000000", "2025-01-21T17:39:10Z"),
        ("2025-01-21T17:39:10.5Z", "2025-01-21T17:39:10.500Z"), ("2025-01-21T17:39:10+02:00", "2025-01-21T15:39:10Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ])
    func timesInTheWildAreRead(text: String, expected: String) {
        #expect(Self.decode("{\"eventTime\":\"\(text)\"}").rows.first?.time.description == expected)
    }
}
