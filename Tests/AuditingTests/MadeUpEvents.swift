import Statistics

/// CloudTrail events made up for tests: every kind that records differ by, in full.
enum MadeUpEvents {
    static let call = """
        {"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA1:ann",
         "arn":"arn:aws:sts::111122223333:assumed-role/Ops/ann","accountId":"111122223333","accessKeyId":"ASIA1",
         "invokedBy":"backup.amazonaws.com","identityProvider":"arn:aws:iam::111122223333:saml-provider/corp",
         "inScopeOf":{"sourceArn":"arn:aws:lambda:eu-west-1:111122223333:function:f"},
         "sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1","accountId":"111122223333",
          "arn":"arn:aws:iam::111122223333:role/Ops","userName":"Ops"},"sourceIdentity":"ann@example.com",
          "attributes":{"creationDate":"2026-01-02T03:00:00Z","mfaAuthenticated":"true"}}},
         "eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"PutBucketPolicy",
         "awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2",
         "errorCode":"AccessDenied","errorMessage":"not allowed","apiVersion":"2006-03-01",
         "requestParameters":{"bucketName":"copies","roleArn":"arn:aws:iam::111122223333:role/R",
          "instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},"policy":{"a":[1,2.5,true,null]}},
         "responseElements":{"policy":{"arn":"arn:aws:s3:::made"},"x":"y"},
         "additionalEventData":{"SignatureVersion":"SigV4"},"requestID":"req-1","eventID":"id-1","readOnly":false,
         "resources":[{"ARN":"arn:aws:s3:::logs","type":"AWS::S3::Bucket","accountId":"444455556666"},{"type":"none"},
          {"ARNPrefix":"arn:aws:s3:::logs/a"}],
         "eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"777788889999","sharedEventID":"shared-1",
         "vpcEndpointId":"vpce-1","vpcEndpointAccountId":"123412341234","eventCategory":"Management",
         "tlsDetails":{"tlsVersion":"TLSv1.3"},"serviceEventDetails":{"snapshotId":"snap-1"},"newInAnyYear":{"a":1}}
        """

    static let webCall = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity",
         "sourceIPAddress":"eks.amazonaws.com","readOnly":true,
         "userIdentity":{"type":"WebIdentityUser","sessionContext":{"webIdFederationData":{
          "federatedProvider":"arn:aws:iam::111122223333:oidc-provider/x","attributes":{"a":"b"}}}}}
        """

    static let serviceCall = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"kms.amazonaws.com","eventName":"RotateKey",
         "eventType":"AwsServiceEvent","userIdentity":{"accountId":"1","invokedBy":"AWS Internal"},
         "serviceEventDetails":{"keyId":"k-1"}}
        """

    static let createUser = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser",
         "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","userName":"ann","accountId":"111122223333"},
         "requestParameters":{"userName":"bob"},"recipientAccountId":"777788889999",
         "resources":[{"ARN":"arn:aws:iam::777788889999:user/bob"}],
         "responseElements":{"user":{"userName":"bob","userId":"AIDA2","arn":"arn:aws:iam::777788889999:user/bob"}}}
        """

    static let accountChanges: [String] = [
        change("UpdateUser", #"{"userName":"bob","newUserName":"rob"}"#),
        change("DeleteAccessKey", #"{"userName":"bob","accessKeyId":"AKIA1"}"#),
        change("CreateAccessKey", "null", #"{"accessKey":{"userName":"ann","accessKeyId":"AKIA2"}}"#),
        change(
            "AttachRolePolicy", #"{"roleName":"Ops","policyArn":"arn:aws:iam::aws:policy/Admin"}"#),
        change("PutRolePolicy", #"{"roleName":"Ops","policyName":"inline","policyDocument":"{\"a\":1}"}"#),
        change("CreateRole", #"{"roleName":"New"}"#, #"{"role":{"roleName":"New","roleId":"AROA9","arn":"arn:r"}}"#),
        change("ChangePassword", "null"),
    ]

    static func change(_ name: String, _ request: String, _ response: String = "null") -> String {
        """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"\(name)",
         "userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","userName":"ann","accountId":"111122223333"},
         "requestParameters":\(request),"responseElements":\(response)}
        """
    }

    static let consoleLogin = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",
         "eventType":"AwsConsoleSignIn","sourceIPAddress":"2001:db8::1",
         "userIdentity":{"type":"IAMUser","userName":"ann","principalId":"AIDA1","accountId":"111122223333",
          "arn":"arn:aws:iam::1:user/ann"},
         "responseElements":{"ConsoleLogin":"Success"},"resources":[{"accountId":"111122223333"}],
         "additionalEventData":{"MFAUsed":"Yes","SamlProviderArn":"arn:aws:iam::1:saml-provider/corp"}}
        """

    /// Of IAM Identity Center: the user has an identifier in the directory and a name, and no ARN.
    static let verification = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"signin.amazonaws.com","eventName":"CredentialVerification",
         "eventType":"AwsServiceEvent","readOnly":false,"requestParameters":null,"responseElements":null,
         "userIdentity":{"type":"IdentityCenterUser","accountId":"111122223333","credentialId":"cred-1",
          "onBehalfOf":{"userId":"94482488-1","identityStoreArn":"arn:aws:identitystore::1:identitystore/d-1"}},
         "additionalEventData":{"AuthWorkflowID":"w","CredentialType":"TOTP","UserName":"ann@example.com"},
         "serviceEventDetails":{"CredentialVerification":"Failure"}}
        """

    static let externalFactor = """
        {"eventTime":"2026-01-02T03:04:05Z","eventSource":"sso.amazonaws.com","eventName":"UserAuthentication",
         "additionalEventData":{"CredentialType":"EXTERNAL_IDP"}}
        """

    static let empty = #"{"eventTime":"2026-01-02T03:04:05Z"}"#

    static let all =
        [call, webCall, serviceCall, createUser, consoleLogin, verification, externalFactor, empty] + accountChanges

    /// An event with any members, of any type, long ones among them.
    static func make(_ random: inout SeededGenerator) -> String {
        let operations = [
            "CreateUser", "GetUser", "ConsoleLogin", "CredentialVerification", "AttachUserPolicy", "RunInstances",
            "Batch",
            "AssumeRole", "PasswordUpdated", "UpdateUser", "Logout", "DeactivateMFADevice", "",
        ]
        let sources = ["iam.amazonaws.com", "signin.amazonaws.com", "sso.amazonaws.com", "ec2.amazonaws.com", ""]
        var members = [#""eventTime":"2026-01-02T03:04:05Z""#]
        members.append(#""eventName":"\#(operations.randomElement(using: &random) ?? "")""#)
        members.append(#""eventSource":"\#(sources.randomElement(using: &random) ?? "")""#)
        let keys = [
            "eventVersion", "userIdentity", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
            "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID", "eventType",
            "apiVersion", "managementEvent", "readOnly", "resources", "recipientAccountId", "serviceEventDetails",
            "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "tlsDetails", "unheardOf",
        ]
        for key in keys where Bool.random(using: &random) {
            members.append("\"\(key)\":\(value(depth: 0, &random))")
        }
        return "{\(members.shuffled(using: &random).joined(separator: ","))}"
    }

    private static func value(depth: Int, _ random: inout SeededGenerator) -> String {
        let names = [
            "userName", "user", "role", "arn", "ARN", "userId", "roleName", "policyArn", "instanceIds", "items", "type",
            "accountId", "onBehalfOf", "sessionContext", "sessionIssuer", "attributes", "mfaAuthenticated", "invokedBy",
            "CredentialType", "UserName", "MFAUsed", "name", "creationDate", "ConsoleLogin", "accessKeyId", "kmsKeyId",
            "identityProvider", "newUserName",
        ]
        switch Int.random(in: 0..<(depth < 4 ? 14 : 9), using: &random) {
        case 0: return "null"
        case 1: return ["true", "false", "\"Yes\"", "\"No\""].randomElement(using: &random) ?? "null"
        case 2: return "\(Int.random(in: -5...500, using: &random))"
        case 3: return "-12.5e3"
        case 4: return "\"arn:aws:x::1:y/\(Int.random(in: 0..<9, using: &random))\""
        case 5:
            return ["\"Failure\"", "\"\"", "\"10.0.0.1\"", "\"AWS Internal\""].randomElement(using: &random) ?? "null"
        case 6: return "\"\(String(repeating: "é", count: Int.random(in: 0..<6000, using: &random)))\""
        case 7: return #""a\"\\\n\u00e9\ud83d\ude00\u0001""#
        case 8: return "\"text\""
        case 9, 10:
            let elements = (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth + 1, &random) }
            return "[\(elements.joined(separator: ", "))]"
        default:
            let members = names.shuffled(using: &random).prefix(Int.random(in: 0..<9, using: &random)).map {
                "\"\($0)\": \(value(depth: depth + 1, &random))"
            }
            return "{\(members.joined(separator: ",\n"))}"
        }
    }
}
