import Statistics
import TelemetryModel
import Testing

@Suite struct FieldPathTests {
    @Test(
        arguments: [
            ("errorCode", [.key("errorCode")]),
            ("userIdentity.principalId", [.key("userIdentity"), .key("principalId")]),
            ("resources[0].ARN", [.key("resources"), .index(0), .key("ARN")]),
            ("_a1[12][3]", [.key("_a1"), .index(12), .index(3)]),
            ("a[999999999]", [.key("a"), .index(999_999_999)]),
            (#"requestParameters["x-amz-acl"]"#, [.key("requestParameters"), .key("x-amz-acl")]),
            (#"a['it\'s']["\"\\"].b"#, [.key("a"), .key("it's"), .key(#""\"#), .key("b")]),
            (#"a["b.c[0]"]"#, [.key("a"), .key("b.c[0]")]),
            (#"a[""]"#, [.key("a"), .key("")]),
            (#"["ключ"]"#, [.key("ключ")]),
        ] as [(String, [FieldPath.Component])])
    func pathsAreReadAsTheirAuthorsWriteThem(text: String, components: [FieldPath.Component]) {
        #expect(FieldPath.parse(text)?.components == components)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a b", "1a", "a-b", "ключ", "a[", "a[]", "a[1", "a[1b]", "a[-1]", "a[1].", "a[1]b",
        "a[1234567890]", #"a["b"#, #"a["b]"#, #"a["b'"#, #"a["b"x]"#, #"a["b\"#, "a]", "a['b']c", #"a["b"].1"#,
    ])
    func whatIsNoPathIsRefused(text: String) {
        #expect(FieldPath.parse(text) == nil)
    }

    @Test func aPathHasAtMostSoManyComponents() {
        let longest = Array(repeating: "a", count: FieldPath.componentsMax).joined(separator: ".")
        #expect(FieldPath.parse(longest)?.components.count == FieldPath.componentsMax)
        #expect(FieldPath.parse(longest + "[0]") == nil)
        #expect(FieldPath.parse(longest + ".a") == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whatIsPrintedIsReadBack(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let letters = ["a", "Z", "_", "7", ".", "[", "]", "\"", "'", "\\", " ", "-", "é", "日", "\n", "🦀"]
        for _ in 0..<500 {
            let components = (0...random.below(5)).map { _ -> FieldPath.Component in
                if random.chance(0.3) { return .index(random.below(1_000_000_000)) }
                return .key((0..<random.below(6)).map { _ in random.pick(letters) }.joined())
            }
            let path = FieldPath(components)
            #expect(FieldPath.parse(path.description) == path, "\(path)")
        }
    }

    @Test func aProjectionHoldsEachFieldOnce() {
        var builder = ProjectionBuilder(kind: .vpcFlow)
        #expect(builder.slot(for: FieldPath(keys: "bytes")) == 0)
        #expect(builder.slot(for: FieldPath(keys: "action")) == 1)
        #expect(builder.slot(for: FieldPath(keys: "bytes")) == 0)
        #expect(
            builder.projection
                == Projection(kind: .vpcFlow, fields: [FieldPath(keys: "bytes"), FieldPath(keys: "action")]))
        #expect(builder.projection.width == 2)
    }
}
