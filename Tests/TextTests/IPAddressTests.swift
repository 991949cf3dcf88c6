import Foundation
import Statistics
import Testing
import Text

@Suite struct IPAddressTests {
    /// The C library's parser as the judge.
    private func isAddressForTheSystem(_ text: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    private func isAddress(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return IPAddress(bytes.span.bytes) != nil
    }

    @Test(arguments: [
        "203.0.113.7", "0.0.0.0", "203.0.113.07", "::ffff:192.0.02.1", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.", "",
        "::", "::1", "1::", "fe80::1", ":::",
        "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::",
        "1::2::3",
        "::ffff:192.0.2.1", "::ffff:192.0.2.256", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "12345::", "g::",
        ":1",
        "1:", "AWS Internal", "ec2.amazonaws.com", "1:2:3:4:5:6:7:", "::1:2:3:4:5:6:7", "::1:2:3:4:5:6:7:8",
    ])
    func addressIsWhatTheSystemTakesForOne(text: String) {
        #expect(isAddress(text) == isAddressForTheSystem(text))
    }

    @Test func randomTextIsJudgedAsTheSystemDoes() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("address seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        let letters = Array("0127af:::..5")
        var disagreements: [String] = []
        for _ in 0..<50_000 {
            let text = String((0..<(2 + random.below(16))).map { _ in random.pick(letters) })
            if isAddress(text) != isAddressForTheSystem(text) { disagreements.append(text) }
        }
        #expect(disagreements == [])
    }

    private func read(_ text: String) -> IPAddress? {
        let bytes = Array(text.utf8)
        return IPAddress(bytes.span.bytes)
    }

    @Test(
        arguments: [
            ("192.0.2.1", 0, 0xC000_0201), ("::", 0, 0), ("2001:db8::1", 0x2001_0DB8_0000_0000, 1),
            ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004, 0x0005_0006_0007_0008),
            ("1::192.0.2.1", 0x0001_0000_0000_0000, 0xC000_0201), ("ABCD::", 0xABCD_0000_0000_0000, 0),
        ] as [(String, UInt64, UInt64)])
    func itsBitsAreThoseWritten(text: String, high: UInt64, low: UInt64) throws {
        let address = try #require(read(text))
        #expect(address == IPAddress(isIPv4: text.contains(".") && !text.contains(":"), high: high, low: low))
        #expect(!address.isMapped)
    }

    @Test func anAddressInAnIPv6OnesPlaceIsMapped() throws {
        #expect(try #require(read("::ffff:192.0.2.1")).isMapped)
        let bytes = Array("192.0.2.1".utf8)
        let six = IPAddress(ipv6: bytes.span.bytes)
        #expect(six == nil)
    }
}
