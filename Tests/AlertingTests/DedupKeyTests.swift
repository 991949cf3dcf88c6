import Testing

@testable import Alerting

@Suite struct DedupKeyTests {
    @Test func theSameConditionAlwaysHasTheSameKey() {
        // Pinned: a key that changed with a release would leave every open alert open for ever.
        #expect(
            DedupKey(kind: "slo", name: "checkout/page-quick").text
                == "slo/checkout/page-quick/2d8106ada0ed3dc6305bddd15f18f58b48090741e9c751d204cb36a616a24935")
        #expect(
            DedupKey(kind: "slo", name: "checkout/page-quick", form: .fowlerNollVo).text
                == "slo/checkout/page-quick/caa6c6087e47bc19c17ff49153ffd7b0")
        #expect(
            DedupKey(kind: "anomaly", name: "ports", labels: ["b": "2", "a": "1"])
                == DedupKey(kind: "anomaly", name: "ports", labels: ["a": "1", "b": "2"]))
    }

    @Test func conditionsThatReadAlikeHaveDifferentKeys() {
        let keys = [
            DedupKey(kind: "a", name: "b/c"), DedupKey(kind: "a/b", name: "c"), DedupKey(kind: "a", name: "b_c"),
            DedupKey(kind: "a", name: "b c"), DedupKey(kind: "a", name: "b", labels: ["c": ""]),
            DedupKey(kind: "a", name: "b", labels: ["c": "d,e"]),
            DedupKey(kind: "a", name: "b", labels: ["c": "d", "d": "e"]),
            DedupKey(kind: "a", name: "b", labels: ["": "c"]), DedupKey(kind: "a", name: "b"),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func longAndForeignNamesStayWithinTheLimitInASCII() {
        let long = String(repeating: "ü\n", count: 5000)
        let keys = (0..<3).map { DedupKey(kind: "anomaly", name: long, labels: ["n": "\($0)"]) }
        for key in keys {
            #expect(key.text.utf8.count == DedupKey.charactersMax)
            #expect(key.text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            #expect(DedupKey(text: key.text) == key)
        }
        #expect(Set(keys).count == 3)
    }

    @Test func aKeyFromTheFeedIsHeldToTheLimit() {
        #expect(DedupKey(text: String(repeating: "ü", count: 255)) != nil)
        #expect(DedupKey(text: String(repeating: "u", count: 256)) == nil)
        #expect(DedupKey(text: "") == nil)
    }
}
