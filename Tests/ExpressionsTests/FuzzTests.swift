import Expressions
import Foundation
import Statistics
import TelemetryModel
import TestFilters
import Testing

@Suite struct FuzzTests {
    /// Inputs for each test; `TIDEWATCH_FUZZ_ITERATIONS` raises it for soak runs.
    private static let iterations =
        ProcessInfo.processInfo.environment["TIDEWATCH_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 25_000

    private static let words = [
        "event", ".eventName", ".requestParameters", ".a", "['x']", "[0]", "has(", ")", "(", "[", "]", "'text'", "\"",
        "'",
        "1", "-9223372036854775808", "9223372036854775807", "1.5", "true", "null", "==", "!=", "<", ">=", "+", "-", "*",
        "/",
        "%", "&&", "||", "!", "?", ":", " in ", ",", ".startsWith(", ".matches('", "(a|b)*", "\\", ".exists(x, ", "x",
        ".all(y, ",
        "size(", "int(", "cidr('10.0.0.0/8')", ".contains(", "ip(", "😀", "\n", "//", "r'", "'''", "{", "}", "`", "@",
        "\u{0}",
    ]

    @Test func randomSourcesNeverTrap() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("expression fuzz seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var compiled = 0
        let event = TestEvent([
            "eventName": .text("a"), "requestParameters": .json(#"{"a":[1,"b",{"x":null}]}"#),
            "requestParameters.a": .json(#"[1,"b",{"x":null}]"#), "requestParameters.x": .integer(.max),
        ])
        for _ in 0..<FuzzTests.iterations {
            let count = Int.random(in: 1...14, using: &generator)
            let source = (0..<count).map { _ in FuzzTests.words.randomElement(using: &generator)! }.joined()
            if (try? event.outcome(source)) != nil { compiled += 1 }
        }
        #expect(compiled > 20, "the words make some expressions; seed \(seed)")
    }

    @Test func mutatedExpressionsNeverTrap() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("expression mutation seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<FuzzTests.iterations {
            var bytes = Array(SemanticsTests.table.randomElement(using: &generator)!.0.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                case 2: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &generator)
                default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
                }
            }
            _ = try? SemanticsTests.event.outcome(String(decoding: bytes, as: UTF8.self))
        }
    }
}
