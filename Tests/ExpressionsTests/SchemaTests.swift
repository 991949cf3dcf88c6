import Expressions
import TelemetryModel
import Testing

@Suite struct SchemaTests {
    @Test func everyDocumentedPathParsesBackAndHasAType() {
        for kind in EventKind.allCases {
            let schema = EventSchema.of(kind)
            #expect(schema.documentedPaths.count > 8)
            for path in schema.documentedPaths {
                #expect(FieldPath.parse(path.description) == path)
                #expect(schema.type(of: path) != nil)
                #expect(schema.suggestion(for: path) == nil)
                // What the schema names, a filter may ask for.
                if case .index? = path.components.last { continue }
                #expect(problem("has(event.\(path))", .event(kind)) == nil, "\(path)")
            }
        }
    }

    @Test func dynamicObjectsTakeAnyPath() {
        let schema = EventSchema.of(.cloudTrail)
        for text in ["requestParameters.a.b[3].c", "responseElements[\"x-y\"]", "additionalEventData.MFAUsed"] {
            #expect(FieldPath.parse(text).flatMap(schema.type(of:)) == .any, "\(text)")
        }
        #expect(FieldPath.parse("eventName.x").flatMap(schema.type(of:)) == nil)
        #expect(FieldPath.parse("resources.ARN").flatMap(schema.type(of:)) == nil)
        #expect(EventSchema.of(.metric).type(of: FieldPath(keys: "dimensions", "LoadBalancer")) == .text)
        #expect(EventSchema.of(.vpcFlow).type(of: FieldPath(keys: "dstport")) == .integer)
    }

    @Test(arguments: [
        ("errorcode", "errorCode"), ("eventNmae", "eventName"), ("useridentity.ARN", "userIdentity.arn"),
        (
            "userIdentity.sessionContext.atributes.mfaAuthenticated",
            "userIdentity.sessionContext.attributes.mfaAuthenticated"
        ),
        ("mfaAuthenticated", "userIdentity.sessionContext.attributes.mfaAuthenticated"),
        ("resources.type", "resources[0].type"), ("sourceIpAddress", "sourceIPAddress"),
    ])
    func nearestNameIsSuggested(_ wrong: String, _ right: String) throws {
        let path = try #require(FieldPath.parse(wrong))
        #expect(EventSchema.of(.cloudTrail).suggestion(for: path) == right)
    }

    @Test func nothingIsSuggestedWhereNothingIsNear() {
        #expect(EventSchema.of(.cloudTrail).suggestion(for: FieldPath(keys: "zzzzzzzzzz")) == nil)
    }

    @Test func pathsAreParsedAsTheyAreWritten() {
        let expected: [(String, [FieldPath.Component]?)] = [
            ("a", [.key("a")]), ("a.b", [.key("a"), .key("b")]), ("a[0].b", [.key("a"), .index(0), .key("b")]),
            ("a[\"x-y\"]", [.key("a"), .key("x-y")]), ("a['x.y'].z", [.key("a"), .key("x.y"), .key("z")]),
            (#"a["q\"\\"]"#, [.key("a"), .key("q\"\\")]), ("[\"a b\"].c", [.key("a b"), .key("c")]),
            ("", nil), (".", nil), ("a.", nil), (".a", nil), ("a..b", nil), ("a[", nil), ("a[]", nil), ("a[-1]", nil),
            ("a[x]", nil), ("a[\"b]", nil), ("a[\"b\"", nil), ("a b", nil), ("1a", nil), ("a]b", nil),
            ("a[99999999999]", nil), (String(repeating: "a.", count: 100) + "a", nil),
        ]
        for (text, components) in expected {
            #expect(FieldPath.parse(text)?.components == components, "\(text)")
        }
    }
}
