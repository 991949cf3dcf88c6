import Statistics
import TelemetryModel
import Testing

@testable import Records

/// Which records are believed: those that carry the code which a known key makes of just this record.
@Suite struct RecordAuthenticationTests {
    private typealias Header = (name: String, value: [UInt8]?)

    /// A record as the code covers it.
    private struct Record {
        var topic = "tidewatch.registers"
        var partition: Int32 = 3
        var key = Array("cloudtrail/0".utf8)
        var value = Array(#"{"kind":"claim"}"#.utf8)
        var headers: [Header] = [("ce_type", Array("register".utf8)), ("tidewatch_epoch", Array("7".utf8))]

        var text: AuthenticatedText {
            AuthenticatedText(
                topic: topic, partition: partition, key: key.span.bytes, value: value.span.bytes, headers: headers)
        }
    }

    private static func key(_ letter: Character) -> MACKey {
        guard let key = MACKey(Array(String(repeating: letter, count: 32).utf8)) else { preconditionFailure() }
        return key
    }

    private let a = key("a")
    private let b = key("b")

    private func header(_ record: Record, by key: MACKey) -> [UInt8] {
        Array(RecordAuthentication(signing: key).headerValue(for: record.text).utf8)
    }

    private func fault(
        of record: Record, _ header: [UInt8]?, by reader: RecordAuthentication, at time: Timestamp? = nil
    ) -> MACFault? {
        reader.fault(of: header, writtenAt: time) { record.text }
    }

    /// As Python's `hmac` computes it: others can verify records too.
    @Test func theCodeIsThatOfTheDocumentedText() {
        let record = Record(topic: "t", partition: 1, key: [0x6B], value: [], headers: [("h", nil)])
        #expect(
            record.text.bytes
                == Array("\0\0\0\0\0\0\0\u{0F}tidewatch-mac/1".utf8) + Array("\0\0\0\0\0\0\0\u{01}t".utf8)
                + [0, 0, 0, 0, 0, 0, 0, 1] + Array("\0\0\0\0\0\0\0\u{01}k".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
                + [0, 0, 0, 0, 0, 0, 0, 1] + Array("\0\0\0\0\0\0\0\u{01}h".utf8)
                + [0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            String(decoding: header(record, by: a), as: UTF8.self)
                == "1.095a0ab0a8066cf9.166d55fa8cbc9dd2e6c7fa00719f66fc4dd27f74932ade07138e92029005efb2")
    }

    @Test func aRecordIsBelievedAsItWasWrittenAndNotOtherwise() {
        let (written, reader) = (Record(), RecordAuthentication(signing: a))
        let header = header(written, by: a)
        #expect(fault(of: written, header, by: reader) == nil)
        var others = [Record](repeating: written, count: 9)
        others[0].topic = "tidewatch.windows"
        others[1].partition = 4
        others[2].key += [0x30]
        others[3].value[0] = 0x5B
        others[4].value = []
        others[5].headers[1].value = Array("8".utf8)
        others[6].headers.removeLast()
        others[7].headers.reverse()
        // The same bytes, cut elsewhere.
        others[8].key.append(others[8].value.removeFirst())
        for other in others { #expect(fault(of: other, header, by: reader) == .wrong, "\(other)") }
        #expect(fault(of: written, nil, by: reader) == .missing)
        #expect(fault(of: written, header, by: RecordAuthentication(signing: b)) == .unknownKey)
    }

    @Test func aTombstoneHasACodeOfItsOwn() {
        var tombstone = Record()
        tombstone.value = []
        let reader = RecordAuthentication(signing: a)
        #expect(fault(of: tombstone, header(tombstone, by: a), by: reader) == nil)
        #expect(fault(of: tombstone, header(Record(), by: a), by: reader) == .wrong)
        #expect(fault(of: tombstone, nil, by: reader) == .missing)
    }

    /// Each bit of the header counts: what is not the code is no code.
    @Test func whatIsNoCodeIsWrong() {
        let (record, reader) = (Record(), RecordAuthentication(signing: a))
        let right = header(record, by: a)
        for place in right.indices {
            var other = right
            other[place] ^= 1
            #expect(fault(of: record, other, by: reader) != nil, "\(place)")
        }
        let text = String(decoding: right, as: UTF8.self)
        for other in [
            "", ".", "..", "1..", text + ".", text.uppercased(), String(text.dropLast()), "2" + text.dropFirst(),
        ] {
            #expect(fault(of: record, Array(other.utf8), by: reader) != nil, "\(other)")
        }
        #expect(fault(of: record, [0xFF, 0xFE], by: reader) == .wrong)
    }

    /// First all members know the next key, then they sign by it, then the former one goes.
    @Test func aKeyIsReplacedInThreeStepsWithoutARecordThatIsNotBelieved() {
        let steps = [
            RecordAuthentication(signing: a), RecordAuthentication(signing: a, verifying: [b]),
            RecordAuthentication(signing: b, verifying: [a]), RecordAuthentication(signing: b),
        ]
        let record = Record()
        for (writer, reader) in [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2), (3, 3)] {
            let header = Array(steps[writer].headerValue(for: record.text).utf8)
            #expect(fault(of: record, header, by: steps[reader]) == nil, "\(writer) \(reader)")
        }
        let tooSoon = Array(steps[2].headerValue(for: record.text).utf8)
        #expect(fault(of: record, tooSoon, by: steps[0]) == .unknownKey)
    }

    @Test func whatIsOlderThanTheKeysMayHaveNoneOfTheirCodesButNoWrongOne() {
        let since = Timestamp(nanoseconds: 1_000_000_000)
        let reader = RecordAuthentication(signing: b, requiredSince: since)
        let record = Record()
        let before = since.advanced(by: -1)
        #expect(fault(of: record, nil, by: reader, at: before) == nil)
        #expect(fault(of: record, header(record, by: a), by: reader, at: before) == nil)
        var other = record
        other.value.append(0x20)
        #expect(fault(of: other, header(record, by: b), by: reader, at: before) == .wrong)
        #expect(fault(of: record, nil, by: reader, at: since) == .missing)
        #expect(fault(of: record, header(record, by: a), by: reader, at: since) == .unknownKey)
        // A broker that keeps no times can't say that something is old.
        #expect(fault(of: record, nil, by: reader) == .missing)
    }

    @Test func aKeyIsLongEnoughAndIsShownNowhere() throws {
        let secret = String(repeating: "s", count: 32)
        #expect(MACKey(Array(secret.utf8.dropLast())) == nil)
        let key = try #require(MACKey(Array(secret.utf8)))
        var dumped = ""
        dump(RecordAuthentication(signing: key), to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("sss"), "\(text)") }
        #expect(key.identifier.count == 16 && key.identifier != a.identifier)
    }
}
