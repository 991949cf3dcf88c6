import Reporting
import Statistics
import Testing

@testable import Alerting

/// The feed is a topic that others can write to: whatever stands in it is refused or passed on within the limits.
@Suite struct AlertRecordFuzzTests {
    @Test(arguments: [21, 22] as [UInt64])
    func changedBytesAreRefusedOrPassedOnWithinTheLimits(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let original = burnRate().json
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0...random.below(2) {
                let place = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes.insert(contentsOf: "1e999".utf8, at: place)
                default: bytes[place] = UInt8(ascii: "9")
                }
            }
            guard let transition = try? AlertTransition(json: bytes) else { continue }
            accepted += 1
            #expect(!transition.line().utf8.contains { $0 < 0x20 })
            #expect(try AlertTransition(json: transition.json).alert.dedupKey == transition.alert.dedupKey)
        }
        #expect(accepted > 100)
    }
}
