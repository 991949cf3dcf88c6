import TelemetryModel
import Testing

@testable import Expressions

@Suite struct EqualityTermTests {
    private func terms(_ source: String) -> [String] {
        EqualityTerm.terms(of: source, mentioning: "dimensions").terms.map {
            "\($0.path)=\($0.values.joined(separator: ","))"
        }
    }

    @Test func conditionsThatAFilterNeedsAreFound() {
        #expect(terms(#"event.a == "x" && "y" == event.b.c && event.n == 3"#) == ["a=x", "b.c=y", "n=3"])
        #expect(terms(#"(event.a in ["x", "y"]) && (event.b == "p" || event.b == "q")"#) == ["a=x,y", "b=p,q"])
        #expect(terms(#"event.dimensions["L B"] == "v""#) == [#"dimensions["L B"]=v"#])
    }

    @Test(arguments: [
        #"event.a != "x""#, #"!(event.a == "x")"#, #"event.a == "x" || event.b == "y""#, "has(event.a)",
        #"event.a == event.b"#, #"event.a.startsWith("x")"#, "event.a ==", #"event.n > 3 ? event.a == "x" : true"#,
    ])
    func nothingIsSaidOfWhatAFilterCanDoWithout(source: String) {
        #expect(terms(source).isEmpty)
    }

    @Test func aFieldIsMentionedHoweverItIsUsed() {
        func isMentioned(_ source: String) -> Bool {
            EqualityTerm.terms(of: source, mentioning: "dimensions").isMentioned
        }
        #expect(isMentioned("size(event.dimensions) == 1"))
        #expect(isMentioned(#"event["dimensions"] != null"#))
        #expect(!isMentioned(#"event.namespace == "dimensions""#))
    }
}
