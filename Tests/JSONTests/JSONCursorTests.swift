import Statistics
import JSON
import Testing

@Suite struct JSONCursorTests {
    private func cursor(_ text: String) -> JSONCursor { JSONCursor(Array(text.utf8)) }

    /// The reason why `body` fails over `text`, or `nil` when it does not.
    private func reason(
        _ text: String, _ body: (inout JSONCursor) throws(JSONCursorError) -> Void
    ) -> JSONCursorError? {
        var cursor = cursor(text)
        do {
            try body(&cursor)
            try cursor.end()
            return nil
        } catch {
            return error
        }
    }

    @Test func membersAndElementsComeInTheirOrder() throws {
        var json = cursor(
            " { \"a\" : [ 1 , -2,\t3 ] ,\r\n \"b\":{}, \"c\": [], \"d\": null, \"e\": \"x\", \"f\": true } ")
        try json.beginObject()
        #expect(try json.nextKey() == "a")
        try json.beginArray()
        var numbers: [Int] = []
        while try json.nextElement() { numbers.append(try json.integer()) }
        #expect(numbers == [1, -2, 3])
        #expect(try json.nextKey() == "b")
        try json.beginObject()
        #expect(try json.nextKey() == nil)
        #expect(try json.nextKey() == "c")
        try json.beginArray()
        #expect(try !json.nextElement())
        #expect(try json.nextKey() == "d")
        #expect(try json.takeNull())
        #expect(try json.nextKey() == "e")
        #expect(try !json.takeNull())
        #expect(try json.string() == "x")
        #expect(try json.nextKey() == "f")
        #expect(try json.bool())
        #expect(try json.nextKey() == nil)
        try json.end()
    }

    @Test func aKeyThatIsAnotherIsLeftInPlace() throws {
        var json = cursor(#"{"from": 1, "through": 2}"#)
        try json.beginObject()
        #expect(try !json.nextKeyIs("fro"))
        #expect(try !json.nextKeyIs("from_"))
        #expect(try json.nextKeyIs("from"))
        #expect(try json.integer(Int.self) == 1)
        #expect(try !json.nextKeyIs("from"))
        try json.requireKey("through")
        #expect(try json.integer(Int.self) == 2)
        #expect(try !json.nextKeyIs("more"))
        try json.endObject()
        try json.end()
    }

    @Test func aMissingMemberIsNamed() {
        let error = reason(#"{"a":1}"#) { json throws(JSONCursorError) in
            try json.beginObject()
            try json.requireKey("b")
        }
        #expect(error == JSONCursorError(offset: 1, reason: .missingKey("b")))
        #expect(error?.description == "at byte 1: expected the member 'b'")
    }

    @Test func integersAreReadUpToTheLimitsOfTheirType() throws {
        for value in [Int64.min, .min + 1, -1, 0, 1, .max] {
            var json = cursor("\(value)")
            #expect(try json.integer(Int64.self) == value)
        }
        for value in [Int128.min, -1, 0, .max] {
            var json = cursor("\(value)")
            #expect(try json.integer(Int128.self) == value)
        }
        for value in [UInt128.max, UInt128(UInt64.max), UInt128(UInt64.max) + 1] {
            var json = cursor("\(value)")
            #expect(try json.integer(UInt128.self) == value)
        }
        var minusZero = cursor("-0")
        #expect(try minusZero.integer(UInt8.self) == 0)
    }

    @Test(arguments: [
        ("128", JSONCursorError.Reason.outOfRange), ("-129", .outOfRange), ("99999999999999999999", .outOfRange),
        ("-170141183460469231731687303715884105729", .outOfRange),
        ("999999999999999999999999999999999999999999", .outOfRange),
        ("01", .invalidNumber), ("-", .endOfInput), ("-a", .invalidNumber), ("1.0", .expected("a whole number")),
        ("1e2", .expected("a whole number")), ("+1", .expected("a whole number")), ("", .endOfInput),
        ("\"1\"", .expected("a whole number")), ("1 2", .trailingBytes),
    ])
    func whatIsNoSmallIntegerIsRefused(text: String, wanted: JSONCursorError.Reason) {
        let error = reason(text) { json throws(JSONCursorError) in _ = try json.integer(Int8.self) }
        #expect(error?.reason == wanted)
    }

    @Test func doublesAreTheNearest() throws {
        let texts = [
            "0", "-0.0", "1", "0.1", "123456789012345678901234567890", "1e22", "1E+23", "1e-22", "5e-324",
            "2.2250738585072011e-308", "1.7976931348623157e308", "9007199254740993", "0.1e-6", "3.0e0",
            "8.5", "1e-400", "179769313486231570793e288",
        ]
        for text in texts {
            var json = cursor(text)
            let value = try json.double()
            #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    @Test func aRandomDoubleComesBackBitByBit() throws {
        var random = SeededGenerator(seed: 71)
        print("seed 71")
        for step in 0..<20_000 {
            let value =
                step % 2 == 0
                ? Double(bitPattern: random.next()) : Double(Int64(truncatingIfNeeded: random.next()) >> 20) / 1000
            guard value.isFinite else { continue }
            var writer = JSONWriter()
            writer.double(value)
            var json = JSONCursor(writer.bytes)
            #expect(try json.double().bitPattern == value.bitPattern)
            try json.end()
        }
    }

    @Test func aNumberIsWholeWhenItIsSpelledSo() throws {
        let cases: [(String, Int64?, Double)] = [
            ("5", 5, 5), ("5.0", nil, 5), ("5e0", nil, 5), ("-9223372036854775808", .min, -0x1p63),
            ("9223372036854775808", nil, 0x1p63), ("0.25", nil, 0.25),
        ]
        for (text, whole, double) in cases {
            var json = cursor(text + " ")
            let number = try json.number()
            #expect(number.whole == whole && number.double == double, "\(text)")
            try json.end()
        }
    }

    @Test func theKindOfAValueIsToldWithoutTakingIt() throws {
        var json = cursor("[{}, [], \"\", -1, true, null]")
        try json.beginArray()
        for wanted: JSONCursor.ValueKind in [.object, .array, .string, .number, .bool, .null] {
            #expect(try json.nextElement())
            #expect(try json.kind() == wanted)
            try json.skipValue()
        }
        try json.endArray()
        #expect(throws: JSONCursorError(offset: 0, reason: .expected("a value"))) {
            var none = cursor("x")
            _ = try none.kind()
        }
    }

    @Test(arguments: ["1e309", "-1e999", "1e99999999999999999999"])
    func aDoubleBeyondTheRangeIsRefused(text: String) {
        let error = reason(text) { json throws(JSONCursorError) in _ = try json.double() }
        #expect(error?.reason == .outOfRange)
    }

    @Test(arguments: [".5", "1.", "1.e3", "1e", "1e+", "00", "-01.5", "NaN", "Infinity", "0x10", "1,5"])
    func whatIsNoNumberIsRefused(text: String) {
        #expect(reason(text) { json throws(JSONCursorError) in _ = try json.double() } != nil)
        #expect(reason(text) { json throws(JSONCursorError) in try json.skipValue() } != nil)
    }

    @Test func stringsComeBackAsTheyWereWritten() throws {
        var random = SeededGenerator(seed: 72)
        print("seed 72")
        let alphabet: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "é", "日", "😀", "\u{7F}", " ", "/"]
        for length in 0..<300 {
            let text = String((0..<length % 60).map { _ in alphabet.randomElement(using: &random)! })
            var writer = JSONWriter()
            writer.string(text)
            var json = JSONCursor(writer.bytes)
            #expect(try json.string() == text)
            try json.end()
            var skipped = JSONCursor(writer.bytes)
            try skipped.skipValue()
            try skipped.end()
        }
    }

    @Test func everyEscapeIsRead() throws {
        var json = cursor(#""\"\\\/\b\f\n\r\t\u00e9\u65E5\ud83d\uDE00 and more text""#)
        #expect(try json.string() == "\"\\/\u{8}\u{C}\n\r\té日😀 and more text")
    }

    @Test(arguments: [
        ([0x22, 0x61, 0xFF, 0x22], 2, JSONCursorError.Reason.invalidUTF8),
        ([0x22, 0xC0, 0x80, 0x22], 1, .invalidUTF8), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1, .invalidUTF8),
        ([0x22, 0x61, 0x0A, 0x22], 2, .controlCharacter), (Array("\"\\x\"".utf8), 1, .invalidEscape),
        (Array("\"\\ud800\"".utf8), 1, .invalidEscape), (Array("\"\\udc00\\ud800\"".utf8), 1, .invalidEscape),
        (Array("\"\\ud800\\u0041\"".utf8), 1, .invalidEscape), (Array("\"\\u00g0\"".utf8), 1, .invalidEscape),
        (Array("\"abc".utf8), 4, .endOfInput), (Array("\"\\u12".utf8), 5, .endOfInput), ([0x22, 0x5C], 2, .endOfInput),
    ])
    func aStringThatIsNoneIsRefusedWithItsPlace(bytes: [UInt8], place: Int, wanted: JSONCursorError.Reason) {
        var json = JSONCursor(bytes)
        #expect(throws: JSONCursorError(offset: place, reason: wanted)) { try json.string() }
        var skipped = JSONCursor(bytes)
        #expect(throws: JSONCursorError(offset: place, reason: wanted)) { try skipped.skipValue() }
    }

    /// Eight bytes at a time are skipped, so each byte is tried at each place of such a word.
    @Test func everyByteIsJudgedWhereverItStandsInAString() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                var text = Array("\"abcdefghijklmnopqrst\"".utf8)
                text[1 + place] = byte
                var json = JSONCursor(text)
                let read = try? json.string()
                switch byte {
                case 0x5C where "bfnrt\"".utf8.contains(text[2 + place]): #expect(read?.utf8.count == 19 || place == 19)
                case 0x00..<0x20, 0x5C, 0x80...0xFF: #expect(read == nil, "byte \(byte) at \(place)")
                case 0x22: #expect(read?.utf8.count == place)
                default: #expect(read == String(decoding: text[1...20], as: UTF8.self))
                }
            }
        }
    }

    @Test func everyByteIsJudgedWhereverItStandsInAnArrayOfIntegers() {
        let text = Array("[1,22,333,4444,5,6,77777,0,8]".utf8)
        for byte in UInt8.min...UInt8.max {
            for place in text.indices {
                var changed = text
                changed[place] = byte
                var json = JSONCursor(changed)
                var values: [Int64] = []
                let isRead = (try? json.integers(into: &values)) != nil && (try? json.end()) != nil
                var slow = JSONCursor(changed)
                var wanted: [Int64] = []
                #expect(isRead == ((try? JSONCursorTests.integersOneByOne(&slow, &wanted)) != nil))
                if isRead { #expect(values == wanted) }
            }
        }
    }

    private static func integersOneByOne(_ json: inout JSONCursor, _ values: inout [Int64]) throws {
        try json.beginArray()
        while try json.nextElement() { values.append(try json.integer()) }
        try json.end()
    }

    @Test func arraysOfIntegersAreReadWhateverStandsInThem() throws {
        var random = SeededGenerator(seed: 73)
        print("seed 73")
        for step in 0..<2000 {
            let wanted = (0..<step % 70).map { _ in
                Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 64)
            }
            let separator = step % 3 == 0 ? " , " : ","
            var json = cursor("[" + wanted.map(String.init).joined(separator: separator) + "]")
            var read: [Int64] = []
            try json.integers(into: &read)
            try json.end()
            #expect(read == wanted)
        }
    }

    @Test func nullsInAnArrayOfIntegersAreTakenOnlyWhereOneIsGiven() throws {
        var json = cursor("[1,null,3]")
        var values: [Int64] = []
        try json.integers(into: &values, null: -1)
        #expect(values == [1, -1, 3])
        var long = cursor("[1,2,3,4,null,5,6,7,8,null]")
        values = []
        try long.integers(into: &values, null: 0)
        #expect(values == [1, 2, 3, 4, 0, 5, 6, 7, 8, 0])
        let error = reason("[1,null,3]") { json throws(JSONCursorError) in
            var values: [Int64] = []
            try json.integers(into: &values)
        }
        #expect(error?.offset == 3)
    }

    @Test(arguments: [
        "[1,2", "[1,,2]", "[,1]", "[1,]", "[01,2,3,4,5,6]", "[1 2]", "[1;2]", "1,2]", "[1,2}", "[99999999999999999999]",
        "[1,2,3,4,5,6,7,00]", "[1.5,2,3,4,5,6,7,8]", "[\"1\"]", "[-]",
    ])
    func anArrayOfIntegersThatIsNoneIsRefused(text: String) {
        let error = reason(text) { json throws(JSONCursorError) in
            var values: [Int64] = []
            try json.integers(into: &values)
        }
        #expect(error != nil)
    }

    @Test(arguments: [
        "{\"a\":1,}", "{,\"a\":1}", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{\"a\":1", "[1,]", "[1 2]", "[", "{", "[}", "{]",
        "{\"a\":1]", "[1}", "tru", "truE", "nul", "", "[1]]", "{\"a\":1,2}", "\u{FEFF}1",
    ])
    func brokenTextIsRefusedWhenSkipped(text: String) {
        #expect(reason(text) { json throws(JSONCursorError) in try json.skipValue() } != nil)
    }

    @Test func nestingIsBounded() {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(reason(deepest) { json throws(JSONCursorError) in try json.skipValue() } == nil)
        let error = reason("[" + deepest + "]") { json throws(JSONCursorError) in try json.skipValue() }
        #expect(error == JSONCursorError(offset: 64, reason: .tooDeep))
        let mixed = String(repeating: "{\"a\":[", count: 32) + "1" + String(repeating: "]}", count: 32)
        #expect(reason(mixed) { json throws(JSONCursorError) in try json.skipValue() } == nil)
    }

    @Test func aSkippedValueEndsWhereItEnds() throws {
        var json = cursor(#"{"a":{"b":[1,{"c":"}"}],"d":[]},"e":5}"#)
        try json.beginObject()
        #expect(try json.nextKey() == "a")
        try json.skipValue()
        try json.requireKey("e")
        #expect(try json.integer(Int.self) == 5)
        try json.endObject()
        try json.end()
    }

    /// Calls in any order over changed bytes: each may fail, none may trap, and none may go back.
    @Test(arguments: [74, 75] as [UInt64])
    func anyCallsOverChangedBytesEndWithoutATrap(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let text = Array(
            #"{"a":[1,-2,30000000000,0.5e-3],"b":{"c":"\u00e9\ud83d\ude00é","d":null},"e":[true,false,[]]}"#.utf8)
        var errors = 0
        for _ in 0..<20_000 {
            var bytes = text
            for _ in 0..<Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(place...)
                default: bytes.insert(text[Int(random.next() % UInt64(text.count))], at: place)
                }
                if bytes.isEmpty { break }
            }
            var json = JSONCursor(bytes)
            do {
                for _ in 0..<40 {
                    let before = json.offset
                    switch random.next() % 13 {
                    case 0: try json.beginObject()
                    case 1: _ = try json.nextKey()
                    case 2: try json.beginArray()
                    case 3: _ = try json.nextElement()
                    case 4: _ = try json.string()
                    case 5: _ = try json.integer(Int32.self)
                    case 6: _ = try json.double()
                    case 7: _ = try json.bool()
                    case 8: _ = try json.takeNull()
                    case 9: _ = try json.nextKeyIs("a")
                    case 10:
                        var values: [Int64] = []
                        try json.integers(into: &values)
                    case 11: try json.endObject()
                    default: try json.skipValue()
                    }
                    #expect(json.offset >= before)
                }
                try json.end()
            } catch {
                errors += 1
                #expect((0...bytes.count).contains(error.offset))
            }
        }
        #expect(errors > 0)
    }
}
