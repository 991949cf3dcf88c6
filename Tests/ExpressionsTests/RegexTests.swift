import Statistics
import Testing

@testable import Expressions

extension Expressions.Regex {
    func finds(_ text: [UInt8]) -> Bool { matches(text.span.bytes) }
}

@Suite struct RegexTests {
    static func matches(_ pattern: String, _ text: String) throws -> Bool {
        let bytes = Array(text.utf8)
        let table = try Expressions.Regex(pattern).matches(bytes.span.bytes)
        let simulation = try Expressions.Regex(simulating: pattern).matches(bytes.span.bytes)
        #expect(table == simulation, "both engines on \(pattern) over \(text)")
        return table
    }

    @Test(arguments: [
        ("abc", "xxabcxx", true), ("^abc$", "abc", true), ("^abc$", "abcx", false), ("a.c", "a\nc", false),
        ("(?s)a.c", "a\nc", true), ("^b", "a\nb", false), ("(?m)^b$", "a\nb\nc", true), ("a|b|", "", true),
        ("^(a|bc)+$", "abcabc", true), ("^(a|bc)+$", "abcb", false), ("^a{2,3}$", "aa", true),
        ("^a{2,3}$", "aaaa", false),
        ("^a{2}$", "aaa", false), ("^a{2,}$", "aaaaa", true), ("a{,2}", "a{,2}", true), ("^[a-c]+$", "abc", true),
        ("^[^a-c]+$", "xyz", true), ("^[]a]+$", "]a", true), ("^[a-]+$", "a-", true), (#"^\d+\s\w+$"#, "12 ab_3", true),
        (#"^\D\S\W$"#, "ab-", true), (#"\bfoo\b"#, "a foo b", true), (#"\bfoo\b"#, "afoo b", false),
        (#"\Boo\b"#, "foo", true), ("(?i)consolelogin", "ConsoleLOGIN", true), ("(?i)straSSe", "STRASSE", true),
        ("(?i)ÄÖ", "äö", true), ("(?i)[k]", "\u{212A}", true), ("a(?i)b", "aB", true), ("a(?i:b)c", "aBC", false),
        ("(?i)a(?-i)b", "AB", false), ("^.$", "😀", true), ("^..$", "😀", false), ("^[é-ü]$", "ö", true),
        ("^[é-ü]$", "z", false), ("^[^é]$", "😀", true), (#"^\x41\x{1F600}$"#, "A😀", true), (#"\Qa.b\E"#, "a.b", true),
        (#"\Qa.b\E"#, "axb", false), ("^[[:alpha:]]+[[:^digit:]]$", "ab!", true), ("(?P<n>a)(?<m>b)(?:c)", "abc", true),
        ("", "", true), ("^$", "", true), ("^$", "a", false), ("a*?b", "aab", true), (#"\Aab\z"#, "ab", true),
        ("(a*)*b", "aaab", true), ("(a*)+", "", true), ("(|a)+b", "ab", true), ("x*", "", true), ("a$b", "ab", false),
        ("[\\u00e9]".replacing("\\u00e9", with: "é"), "é", true), (#"^\.\*\\$"#, #".*\"#, true),
        ("^(ab|a)(bc|c)$", "abc", true),
    ])
    func patternMatchesAsRE2Does(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try RegexTests.matches(pattern, text) == expected, "\(pattern) over \(text)")
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[a", "*a", "a**", "a{2}{3}", "a{1001}", "a{3,2}", "\\", "[z-a]", "(?<=a)b", "(?!a)",
        "\\1",
        "\\p{L}", "(?x)a", "[[:foo:]]", "\\x{110000}", "\\xZ", "(?P<n", "\\C", "\\y", "(((a{100}){100}){100})",
        "((((){1000}){1000}){1000})", "{2}",
    ])
    func patternIsRefused(_ pattern: String) {
        #expect(throws: RegexProblem.self) { try Expressions.Regex(pattern) }
    }

    @Test func deepGroupsAreRefused() {
        #expect(throws: RegexProblem.self) { try Expressions.Regex(String(repeating: "(", count: 8000)) }
    }

    @Test(arguments: ["(a*)*b", "(a|aa)+$x", "(a+)+b", "a*a*a*a*a*a*b", "(.*)(.*)(.*)b", "(a?){30}a{30}b", "a.{20}b"])
    func timeIsLinearInTheText(_ pattern: String) throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        #expect(try Expressions.Regex(pattern).finds(text) == false)
    }

    @Test func tooLargeATableFallsBackToSimulation() throws {
        // The table would remember which of the last 30 characters were an 'a'.
        let regex = try Expressions.Regex("a[ab]{30}c")
        let hit = Array((String(repeating: "b", count: 50) + "a" + String(repeating: "ab", count: 15) + "c").utf8)
        let miss = Array((String(repeating: "ab", count: 40) + "bc").utf8)
        #expect(regex.finds(hit))
        #expect(!regex.finds(Array("b".utf8)))
        #expect(regex.finds(miss) == (Array(miss.suffix(32))[0] == UInt8(ascii: "a")))
    }

    @Test func bothEnginesAgreeWithSwiftsOnRandomPatterns() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("regex seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var compiled = 0
        for _ in 0..<1500 {
            let pattern = RegexTests.pattern(depth: 3, &generator)
            guard let reference = try? _StringProcessing.Regex<AnyRegexOutput>(pattern) else { continue }
            compiled += 1
            for _ in 0..<4 {
                let text = String(
                    (0..<Int.random(in: 0...8, using: &generator)).map { _ in "abé".randomElement(using: &generator)! })
                let expected = text.firstMatch(of: reference) != nil
                #expect(try RegexTests.matches(pattern, text) == expected, "\(pattern) over \(text), seed \(seed)")
            }
        }
        #expect(compiled > 500)
    }

    private static func pattern(depth: Int, _ generator: inout SeededGenerator) -> String {
        let atoms = ["a", "b", "é", ".", "[ab]", "[^a]", "^", "$"]
        if depth == 0 { return atoms.randomElement(using: &generator)! }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return atoms.randomElement(using: &generator)!
        case 1: return pattern(depth: depth - 1, &generator) + pattern(depth: depth - 1, &generator)
        case 2: return "(?:\(pattern(depth: depth - 1, &generator))|\(pattern(depth: depth - 1, &generator)))"
        case 3:
            return "(?:\(pattern(depth: depth - 1, &generator)))" + ["?", "{2}", "{1,3}"].randomElement(
                using: &generator)!
        default:
            let inner = pattern(depth: depth - 1, &generator)
            return "(?:\(inner))" + ["*", "+"].randomElement(using: &generator)!
        }
    }
}
