/// CloudTrail's records, as the CloudTrail user guide documents them: "CloudTrail record contents" for management, data
/// and network activity events, for Insights events, for aggregated events, and "CloudTrail userIdentity element".
extension EventSchema {
    static let cloudTrail = EventSchema(
        kind: .cloudTrail,
        root: .object([
            ("eventTime", .value(.text)),
            ("eventVersion", .value(.text)),
            ("userIdentity", userIdentity),
            ("eventSource", .value(.text)),
            ("eventName", .value(.text)),
            ("awsRegion", .value(.text)),
            ("sourceIPAddress", .value(.text)),
            ("userAgent", .value(.text)),
            ("errorCode", .value(.text)),
            ("errorMessage", .value(.text)),
            ("requestParameters", .dynamic),
            ("responseElements", .dynamic),
            ("additionalEventData", .dynamic),
            ("requestID", .value(.text)),
            ("eventID", .value(.text)),
            ("eventType", .value(.text)),
            ("apiVersion", .value(.text)),
            ("managementEvent", .value(.bool)),
            ("readOnly", .value(.bool)),
            ("resources", .list(resource)),
            ("recipientAccountId", .value(.text)),
            ("serviceEventDetails", .dynamic),
            ("sharedEventID", .value(.text)),
            ("vpcEndpointId", .value(.text)),
            ("vpcEndpointAccountId", .value(.text)),
            ("eventCategory", .value(.text)),
            ("addendum", addendum),
            // Documented as text, delivered as text by some services and as a boolean by others.
            ("sessionCredentialFromConsole", .dynamic),
            ("eventContext", .object([("requestContext", .dynamic), ("tagContext", .dynamic)])),
            ("edgeDeviceDetails", .dynamic),
            ("tlsDetails", tlsDetails),
            ("omitted", .value(.bool)),
            ("insightDetails", insightDetails),
            // Insights events of an event data store.
            ("insightSource", .value(.text)),
            // Aggregated events.
            ("accountId", .value(.text)),
            ("eventId", .value(.text)),
            ("timeWindow", timeWindow),
            ("summary", .dynamic),
            ("details", .dynamic),
        ]))

    private static let userIdentity = Node.object([
        ("type", .value(.text)),
        ("userName", .value(.text)),
        ("principalId", .value(.text)),
        ("arn", .value(.text)),
        ("accountId", .value(.text)),
        ("accessKeyId", .value(.text)),
        ("sessionContext", sessionContext),
        ("invokedBy", .value(.text)),
        ("sessionIssuer", sessionIssuer),
        ("onBehalfOf", .object([("userId", .value(.text)), ("identityStoreArn", .value(.text))])),
        (
            "inScopeOf",
            .object([
                ("sourceArn", .value(.text)),
                ("sourceAccount", .value(.text)),
                ("issuerType", .value(.text)),
                ("credentialsIssuedTo", .value(.text)),
            ])
        ),
        ("credentialId", .value(.text)),
        ("identityProvider", .value(.text)),
    ])

    private static let sessionIssuer = Node.object([
        ("type", .value(.text)),
        ("userName", .value(.text)),
        ("principalId", .value(.text)),
        ("arn", .value(.text)),
        ("accountId", .value(.text)),
    ])

    private static let sessionContext = Node.object([
        ("sessionIssuer", sessionIssuer),
        (
            "webIdFederationData",
            .object([("federatedProvider", .value(.text)), ("attributes", .map(.dynamic))])
        ),
        ("assumedRoot", .dynamic),
        // Delivered as the texts "true" and "false"; some exports turn them into booleans.
        ("attributes", .object([("creationDate", .value(.text)), ("mfaAuthenticated", .dynamic)])),
        ("ec2RoleDelivery", .dynamic),
        ("ec2IssuedInVpc", .value(.text)),
        ("sourceIdentity", .value(.text)),
    ])

    private static let resource = Node.object([
        ("ARN", .value(.text)),
        ("ARNPrefix", .value(.text)),
        ("accountId", .value(.text)),
        ("type", .value(.text)),
    ])

    private static let addendum = Node.object([
        ("reason", .value(.text)),
        ("updatedFields", .dynamic),
        ("originalRequestID", .value(.text)),
        ("originalEventID", .value(.text)),
    ])

    private static let tlsDetails = Node.object([
        ("tlsVersion", .value(.text)),
        ("cipherSuite", .value(.text)),
        ("clientProvidedHostHeader", .value(.text)),
        ("keyExchange", .value(.text)),
    ])

    private static let timeWindow = Node.object([
        ("windowStart", .value(.text)),
        ("windowEnd", .value(.text)),
        ("windowSize", .value(.text)),
    ])

    private static let insightDetails = Node.object([
        ("state", .value(.text)),
        ("eventSource", .value(.text)),
        ("eventName", .value(.text)),
        ("insightType", .value(.text)),
        ("errorCode", .value(.text)),
        (
            "insightContext",
            .object([
                (
                    "statistics",
                    .object([
                        ("baseline", .object([("average", .value(.double))])),
                        ("insight", .object([("average", .value(.double))])),
                        ("insightDuration", .value(.integer)),
                        ("baselineDuration", .value(.integer)),
                    ])
                ),
                ("attributions", .list(attribution)),
                ("attribute", .dynamic),
            ])
        ),
    ])

    private static let attribution = Node.object([
        ("attribute", .value(.text)),
        ("insight", .list(attributedValue)),
        ("baseline", .list(attributedValue)),
        ("insightValue", .value(.text)),
        ("insightAverage", .value(.double)),
        ("baselineValue", .value(.text)),
        ("baselineAverage", .value(.double)),
    ])

    private static let attributedValue = Node.object([("value", .value(.text)), ("average", .value(.double))])
}
