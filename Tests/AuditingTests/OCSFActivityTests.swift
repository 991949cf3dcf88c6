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
}
