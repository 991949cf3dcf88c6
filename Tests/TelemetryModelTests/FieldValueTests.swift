import JSON
import TelemetryModel
import Testing

@Suite struct FieldValueTests {
    @Test(arguments: [.min, -1, 0, 1, .max] as [Int64]) func integersAreKeptWhole(value: Int64) {
        #expect(FieldValue.integer(value).integerValue == value)
        #expect(FieldValue.integer(value).isPresent)
    }

    @Test func doublesAreKeptBitByBit() {
        for value in [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity, .nan] as [Double] {
            #expect(FieldValue.double(value).doubleValue.bitPattern == value.bitPattern)
        }
        #expect(FieldValue.bool(true).boolValue && !FieldValue.bool(false).boolValue)
    }

    @Test(arguments: [.text, .arenaText, .json, .arenaJSON] as [FieldValue.Kind])
    func placesReachAsFarAsFourGigabytes(kind: FieldValue.Kind) {
        let value = FieldValue.place(kind, offset: Int(UInt32.max), length: Int(UInt32.max) - 1)
        #expect(value.offset == Int(UInt32.max) && value.length == Int(UInt32.max) - 1)
        #expect(value.isText == (kind == .text || kind == .arenaText) && value.isJSON != value.isText)
        #expect(value.isInArena == (kind == .arenaText || kind == .arenaJSON))
        #expect(FieldValue.text(offset: 3, length: 4) == .place(.text, offset: 3, length: 4))
    }

    @Test func whatIsNotThereAndNullAreNotPresent() {
        #expect(!FieldValue.absent.isPresent && !FieldValue.null.isPresent)
        #expect(FieldValue.absent != .null)
    }

    /// What a rejection says travels in a header, so it is cut.
    @Test func theSentenceOfARejectionIsCut() {
        let bytes: [UInt8] = [1, 2, 3]
        let rejection = Rejection(
            reason: .invalidField, detail: String(repeating: "é", count: 400), recordIndex: 2, byteOffset: 1,
            original: bytes.span.bytes, part: .first)
        let (detail, byteCount) = (rejection.detail, rejection.original.byteCount)
        #expect(detail.utf8.count <= Rejection.detailBytesMax && detail.hasPrefix("ééé") && byteCount == 3)
        let parts: [Rejection.Part] = [.whole, .first, .middle, .last]
        #expect(parts.map(\.beginsRecord) == [true, true, false, false])
    }

    @Test func positionsTellRecordsApartAndSaySo() {
        let kafka = SourcePosition.kafka(topic: "t", partition: 3, offset: 9, record: 1)
        let file = SourcePosition.file(name: "a \"b\".json", record: 4)
        #expect(String(decoding: kafka.identifier, as: UTF8.self) == "t/3/9#1" && kafka.source == "t/3")
        #expect(String(decoding: file.identifier, as: UTF8.self) == "a \"b\".json#4" && file.source == nil)
        func json(_ position: SourcePosition) -> String {
            var json = JSONWriter()
            position.write(to: &json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
        #expect(json(kafka) == #"{"topic":"t","partition":3,"offset":9,"record":1}"#)
        #expect(json(file) == #"{"file":"a \"b\".json","record":4}"#)
    }

    @Test func aConsumerWantsEverythingUnlessItSaysOtherwise() {
        struct Plain: EventConsumer {
            mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {}
            mutating func reject(_ rejection: borrowing Rejection) {}
        }
        #expect(Plain().wantsMore && Plain().wantsDetails)
    }
}
