import TelemetryModel

extension PipelinePlan {
    /// What a CloudTrail event says beside its identity and its time: a second delivery says the same of all of them.
    static let factPaths: [FieldPath] = [
        FieldPath(keys: "eventSource"), FieldPath(keys: "eventName"), FieldPath(keys: "awsRegion"),
        FieldPath(keys: "recipientAccountId"), FieldPath(keys: "userIdentity", "principalId"),
        FieldPath(keys: "errorCode"),
        FieldPath(keys: "requestID"),
    ]
}
