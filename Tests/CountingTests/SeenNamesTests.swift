import Testing

@testable import Counting

/// What is told beside a name that matched nothing.
@Suite struct SeenNamesTests {
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
        var names = SeenNames()
        for name in Self.seen { names.insert(name) }
        #expect(names.near(asked) == near)
    }

    @Test func noMoreThanThreeAreNear() {
        var names = SeenNames()
        for number in 0..<9 { names.insert("checkout-\(number)-of-the-shop") }
        #expect(names.near("checkout").count == 3)
    }
}
