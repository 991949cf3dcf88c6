import Statistics
import Testing

@testable import Objectives

/// Groups are told apart by their bytes, and have an order that does not depend on anything else.
@Suite struct ObjectiveGroupOrderTests {
    private static let texts = ["", "a", "b", "é", "e\u{301}", "(other)", "((other))", nil] as [String?]

    private static let groups = texts.flatMap { one in
        texts.map { ObjectiveGroup(columns: ["one", "two"], values: [one, $0]) }
    }

    @Test func whatUnicodeCallsEquivalentAreTwoGroups() {
        #expect(Set(Self.groups).count == Self.groups.count)
        let composed = ObjectiveGroup(columns: ["one"], values: ["é"])
        #expect(composed != ObjectiveGroup(columns: ["one"], values: ["e\u{301}"]))
        #expect(composed == ObjectiveGroup(columns: ["one"], values: ["é"]))
    }

    @Test func theOrderIsTotalAndOthersComeLast() {
        for one in Self.groups {
            for other in Self.groups { #expect((one < other) != (other < one) || one == other, "\(one) \(other)") }
        }
        var random = SeededGenerator(seed: 3)
        let sorted = Self.groups.sorted()
        #expect(sorted.last?.isOther == true)
        for _ in 0..<20 { #expect(Self.groups.shuffled(using: &random).sorted() == sorted) }
    }
}
