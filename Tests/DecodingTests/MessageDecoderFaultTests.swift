import Decoding
import Statistics
import TelemetryModel
import TestSupport
import Testing

/// Messages of every kind, mutated at random: nothing traps, every record is counted once, in order, and chunks of a
/// stream never lose one.
@Suite struct MessageDecoderFaultTests {
    @Test(arguments: [11, 12] as [UInt64])
    func mutatedMessagesAreAccountedFor(seed: UInt64) throws {
        print("mutatedMessagesAreAccountedFor: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let subscription = MessageDecoderTests.subscription([flowLine, trailRecord])
        let corpus: [[UInt8]] = [
            Array("\(flowLine)\n\(trailRecord)\n\(flowLine)".utf8), Array(subscription.utf8),
            gzipped(Array(subscription.utf8)), Array(base64(gzipped(Array(flowLine.utf8))).utf8),
            Array(#"{"requestId":"r","records":[{"data":"\#(base64(Array(flowLine.utf8)))"}]}"#.utf8),
            Array(#"{"detail-type":"x","detail":\#(trailRecord)}"#.utf8),
            Array(#"{"Type":"Notification","Message":"\#(flowLine)"}"#.utf8),
            Array(#"{"Records":[\#(trailRecord),\#(trailRecord)]}"#.utf8),
            Array(
                #"{"metric_stream_name":"s","namespace":"n","metric_name":"m","timestamp":1,"value":{"max":1}}"#.utf8),
            [0x0A, 0x06, 0x12, 0x04, 0x12, 0x02, 0x0A, 0x00], [0x08, 0x0A, 0x06, 0x12, 0x04, 0x12, 0x02, 0x0A, 0x00],
        ]
        let alphabet: [UInt8] = Array("{}[]\",:\\ \n0-a=".utf8) + [0x00, 0x0A, 0x1F, 0x8B, 0x80, 0xFF]
        for _ in 0..<1000 {
            guard var bytes = corpus.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                case 3: bytes.removeLast(bytes.count - place)
                default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            _ = try decodeAnyMessage(bytes)
            _ = try decodeStream(bytes, chunk: Int.random(in: 1...200, using: &random))
            guard let format = InputFormat.allCases.randomElement(using: &random) else { return }
            _ = try decodeAnyMessage(bytes, format: format)
        }
    }
}
