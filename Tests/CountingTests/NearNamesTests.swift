import Testing
import Statistics
import Text

@testable import Counting

/// What is told beside a name that matched nothing.
@Suite struct NearNamesTests {
    private static let seen = [
        "arn:aws:sts::1:assumed-role/orders/i-1", "arn:aws:sts::1:assumed-role/orders/i-2", "checkout", "checkout-api",
        "checkout-web", "Payments", "été-2026", "abc",
    ]

    @Test(arguments: [
        ("payments", ["Payments"]),
        ("chekout", ["checkout"]),
        ("checkout", ["checkout-api", "checkout-web"]),
        ("role/orders", ["arn:aws:sts::1:assumed-role/orders/i-1", "arn:aws:sts::1:assumed-role/orders/i-2"]),
        ("the checkout-api of eu", ["checkout", "checkout-api"]),
        ("été-", ["été-2026"]),
        // Of so few letters anything would be near.
        ("abcdefgh", []), ("out", []),
    ]) func namesNearToOne(asked: String, near: [String]) {
        #expect(NearNames(Set(Self.seen)).near(asked) == near)
    }

    @Test func noMoreThanThreeAreNear() {
        let names = NearNames(Set((0..<9).map { "checkout-\($0)-of-the-shop" }))
        #expect(names.near("checkout").count == 3)
    }

    /// What tells names apart by their letters leaves out none that is near: by an editor that makes a few mistakes.
    @Test(arguments: 0..<20) func noNearNameIsLeftOut(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = Array("abcABC0123-:/é").map(String.init)
        func text(_ count: Int) -> [String] { (0..<count).map { _ in letters[random.below(letters.count)] } }
        for _ in 0..<200 {
            let name = text(1 + random.below(150))
            var other = name
            for _ in 0...random.below(4) {
                let place = random.below(other.count)
                switch random.below(3) {
                case 0: other[place] = text(1)[0]
                case 1: other.insert(text(1)[0], at: place)
                default: if other.count > 1 { other.remove(at: place) }
                }
            }
            let (asked, seen) = (name.joined(), other.joined())
            let expected = EditDistance.nearest(to: asked, among: [seen])
            #expect(expected == nil || NearNames([seen]).near(asked) == [seen])
            let part = other[random.below(other.count)...].joined()
            if part.utf8.count >= 4, part != seen {
                #expect(NearNames([seen]).near(part) == [seen] && NearNames([part]).near(seen) == [part])
            }
        }
    }
}
