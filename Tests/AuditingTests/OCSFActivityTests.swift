import Foundation
import Statistics
import TelemetryModel
import Testing

@testable import Auditing

@Suite struct OCSFActivityTests {
    @Test(arguments: [
        ("RunInstances", OCSFActivity.create), ("CreateUser", .create), ("GetObject", .read), ("BatchGetItem", .read),
        ("DescribeInstances", .read), ("PutBucketPolicy", .update), ("AuthorizeSecurityGroupIngress", .update),
        ("DeleteTrail", .delete), ("TerminateInstances", .delete), ("BatchDeleteImage", .delete),
        ("AssumeRole", .other), ("ConsoleLogin", .other), ("Getaway", .other), ("Batch", .other), ("é", .other),
        ("GetBucketLocation2", .read), ("", .unknown),
    ])
    func verbDecidesTheActivity(operation: String, activity: OCSFActivity) {
        let bytes = Array(operation.utf8)
        #expect(OCSFActivity(operation: bytes.span.bytes) == activity)
    }

    /// The C library's parser as the judge.
    func isAddressForTheSystem(_ text: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    func isAddress(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return SourceAddress.isAddress(bytes.span.bytes)
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

    @Test func textThatIsNotJSONEndsTheWalk() {
        for text in [
            "", "[", "[1", "[\"a", "[\"a\\", "{\"a\"", "{\"a\":", "[}", "[,", "{\"a\":}", "[[", "[\"\\\"", "]",
        ] {
            let bytes = Array(text.utf8)
            var array = ValidJSON(bytes.span.bytes)
            array.forEachElement { #expect($0.upperBound <= bytes.count) }
            var object = ValidJSON(bytes.span.bytes)
            object.forEachMember { #expect($0.upperBound <= $1.lowerBound) }
        }
    }
}
