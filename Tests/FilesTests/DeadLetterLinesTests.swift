import Foundation
import TelemetryModel
import TestSupport
import Testing

@testable import Files

/// A file of dead letters has a line for each record, with the bytes of the record, in however many parts it came.
@Suite struct DeadLetterLinesTests {
    private struct Line: Decodable, Equatable {
        struct Position: Decodable, Equatable {
            let file: String
            let record: Int
        }

        let position: Position
        let reason: String
        let detail: String
        let byteOffset: Int
        let payload: Data
    }

    private var lines = DeadLetterLines()

    private mutating func take(
        _ text: String, record: Int = 0, detail: String = "", offset: Int = 0, _ part: Rejection.Part = .whole
    ) -> [UInt8] {
        let bytes = Array(text.utf8)
        return lines.take(
            Rejection(
                reason: .tooLarge, detail: detail, recordIndex: record, byteOffset: offset,
                original: bytes.span.bytes, part: part),
            at: .file(name: "in/a.log", record: record))
    }

    private func read(_ bytes: [UInt8]) throws -> [Line] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.dataDecodingStrategy = .base64
        #expect(bytes.last == 0x0A)
        return try bytes.split(separator: 0x0A).map { try decoder.decode(Line.self, from: Data($0)) }
    }

    @Test mutating func wholeRecordIsALineWithItsBytesAndItsPlace() throws {
        let line = try read(take("no \"log\"\n\u{7}", record: 4, detail: "what?", offset: 3))
        #expect(
            line == [
                Line(
                    position: .init(file: "in/a.log", record: 4), reason: "too_large", detail: "what?", byteOffset: 3,
                    payload: Data("no \"log\"\n\u{7}".utf8))
            ])
    }

    @Test mutating func recordInPartsIsOneLineWithAllOfItsBytes() throws {
        var bytes = take("abcdef", record: 1, offset: 9, .first)
        bytes += take("ghi", record: 1, .middle)
        bytes += take("jk", record: 1, detail: "11 bytes are too many", .last)
        #expect(lines.end().isEmpty)
        bytes += take("next", record: 2)
        let found = try read(bytes)
        #expect(found.map(\.payload) == ["abcdefghijk", "next"].map { Data($0.utf8) })
        #expect(found.map(\.position.record) == [1, 2])
        #expect(found[0].detail == "11 bytes are too many" && found[0].byteOffset == 9)
    }

    /// What was read of it stays, and the line after it is whole.
    @Test mutating func recordThatDoesNotEndIsALineToo() throws {
        var bytes = take("abc", record: 1, .first)
        bytes += take("xyz", record: 2, .first)
        bytes += lines.end()
        let found = try read(bytes)
        #expect(found.map(\.payload) == ["abc", "xyz"].map { Data($0.utf8) })
        #expect(found.allSatisfy { $0.detail == "a record above the limits, which was not read to its end" })
    }
}
