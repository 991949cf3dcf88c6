import TelemetryModel
import Testing

@testable import Decoding

@Suite struct ProtobufReaderTests {
    /// The scalars of all fields, or what was wrong.
    func read(_ bytes: [UInt8]) -> Result<[UInt64], MetricFault> {
        let span = unsafe bytes.span.bytes
        var reader = ProtobufReader(span, 0..<bytes.count)
        var scalars: [UInt64] = []
        do throws(MetricFault) {
            while let field = try reader.next() {
                #expect(field.contents.upperBound <= bytes.count)
                scalars.append(field.scalar)
            }
            return .success(scalars)
        } catch {
            return .failure(error)
        }
    }

    func fault(_ bytes: [UInt8]) -> MetricFault? {
        if case .failure(let fault) = read(bytes) { fault } else { nil }
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(Int64.max), UInt64.max])
    func varintOfEveryLengthIsRead(value: UInt64) throws {
        let bytes = ProtobufWriter.message { $0.varint(1, value) }
        #expect(try read(bytes).get() == [value])
    }

    @Test func varintMayBeLongerThanItNeeds() throws {
        #expect(try read([0x08, 0x81, 0x80, 0x80, 0x00]).get() == [1])
    }

    @Test func varintOfMoreThan64BitsIsRefused() throws {
        let nine = [UInt8](repeating: 0xFF, count: 9)
        #expect(try read([0x08] + nine + [0x01]).get() == [.max])
        #expect(fault([0x08] + nine + [0x02])?.reason == .invalidProtobuf)
        #expect(fault([0x08] + nine + [0x80, 0x00])?.reason == .invalidProtobuf)
    }

    @Test func fixedFieldsAreLittleEndian() throws {
        #expect(try read([0x0D, 1, 2, 0, 0, 0x09, 3, 0, 0, 0, 0, 0, 0, 1]).get() == [0x201, 0x0100_0000_0000_0003])
    }

    @Test func tagsOutsideTheirRangeAreRefused() {
        // Field 2²⁹ − 1 is the last one.
        #expect(fault(ProtobufWriter.message { $0.varint(0x1FFF_FFFF, 0) }) == nil)
        #expect(fault(ProtobufWriter.message { $0.varint(0x2000_0000, 0) })?.reason == .invalidProtobuf)
        for wireType in [3, 4, 6, 7] as [UInt8] { #expect(fault([0x08 | wireType, 0])?.reason == .invalidProtobuf) }
    }

    @Test func fieldCutOffIsTruncatedAtTheEndOfTheBytes() {
        for bytes in [[0x08], [0x80], [0x09, 1, 2], [0x0D, 1], [0x0A, 2, 1], [0x0A, 0xFF]] as [[UInt8]] {
            #expect(fault(bytes)?.reason == .truncated, "\(bytes)")
        }
        // A length near 2⁶⁴ must not wrap round.
        #expect(fault([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01])?.reason == .truncated)
    }

    @Test func fieldPastItsMessageIsInvalidAndNotTruncated() {
        let bytes: [UInt8] = [0x0A, 0x02, 0x0A, 0x05, 1, 2, 3, 4, 5]
        let span = unsafe bytes.span.bytes
        var reader = ProtobufReader(span, 2..<4)
        do throws(MetricFault) {
            _ = try reader.next()
            Issue.record("a field of five bytes in a message of two")
        } catch {
            #expect(error.reason == .invalidProtobuf)
        }
    }
}
