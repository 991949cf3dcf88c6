import Auditing
import TelemetryModel
import Testing

@Suite struct AuditRecorderTests {
    @Test(arguments: [
        (#""readOnly":false,"managementEvent":true"#, true),
        (#""readOnly":false"#, true),
        (#""readOnly":"false","managementEvent":"True""#, true),
        (#""readOnly":false,"managementEvent":false"#, false),
        (#""readOnly":true,"managementEvent":true"#, false),
        // Without readOnly the verb decides.
        (#""eventName":"PutObject""#, true),
        (#""eventName":"PutObject","managementEvent":false"#, false),
        (#""eventName":"PutObject","eventCategory":"Data""#, false),
        (#""eventName":"StopLogging","eventCategory":"Management""#, true),
        (#""eventName":"CreateUser","readOnly":null"#, true),
        (#""eventName":"CreateUser","readOnly":"""#, true),
        (#""eventName":"CreateUser","readOnly":"maybe""#, true),
        (#""eventName":"GetUser","readOnly":null"#, false),
        (#""eventName":"DescribeInstances""#, false),
        (#""eventName":"ListUsers""#, false),
        (#""eventName":"HeadBucket""#, false),
        (#""eventName":"LookupEvents""#, false),
        (#""eventName":"BatchGetItem""#, false),
        (#""eventName":"BatchDeleteImage""#, true),
        (#""eventName":"Getaway""#, true),
        (#""eventName":"VerifyEmailIdentity""#, true),
        (#""eventName":"GetUser","readOnly":false"#, true),
        (#""eventName":"CreateUser","readOnly":true"#, false),
        (#""managementEvent":true"#, false),
        // What services do by themselves has no verb to go by.
        (#""eventType":"AwsServiceEvent","eventName":"RotateKey""#, true),
        (#""eventType":"AwsServiceEvent","eventName":"GetReady","readOnly":null"#, true),
        (#""eventType":"AwsServiceEvent","eventName":"RotateKey","readOnly":true"#, false),
        (#""eventType":"AwsServiceEvent","eventName":"RotateKey","managementEvent":false"#, false),
        // Failures by their text alone.
        (#""readOnly":true,"errorMessage":"Failed""#, true),
        (#""managementEvent":false,"errorMessage":"x""#, true),
        (#""readOnly":true,"errorMessage":null"#, false),
        // Secrets and credentials.
        (#""eventName":"GetSecretValue","readOnly":true,"managementEvent":true"#, true),
        (#""eventName":"AssumeRole","readOnly":true"#, true),
        (#""eventName":"AssumeRoleWithSAML","readOnly":true"#, true),
        (#""eventName":"AssumeRoot","readOnly":true"#, true),
        (#""eventName":"GetParameter","readOnly":true,"requestParameters":{"withDecryption":true,"name":"x"}"#, true),
        (#""eventName":"GetParameters","readOnly":true,"requestParameters":{"withDecryption":false}"#, false),
        (#""eventName":"GetParameter","readOnly":true,"requestParameters":null"#, false),
        (#""eventName":"GetParametersForImport","readOnly":true,"requestParameters":{"withDecryption":true}"#, false),
        (#""eventName":"Decrypt","readOnly":true"#, false),
        (#""eventSource":"sso.amazonaws.com","eventName":"Logout","readOnly":true"#, true),
        (#""readOnly":true,"errorCode":"AccessDenied""#, true),
        (#""managementEvent":false,"errorCode":"NoSuchKey""#, true),
        (#""readOnly":true,"errorCode":null"#, false),
        (#""readOnly":true,"errorCode":"""#, false),
        (#""eventType":"AwsConsoleSignIn""#, true),
        (#""eventSource":"signin.amazonaws.com","eventName":"GetSigninToken","readOnly":true"#, true),
        (#""eventSource":"sso.amazonaws.com","eventType":"AwsServiceEvent","eventName":"UserAuthentication""#, true),
        (#""eventSource":"sso.amazonaws.com","eventName":"ListInstances","readOnly":true"#, false),
        (#""eventCategory":"Insight","errorCode":"x","readOnly":false"#, false),
    ])
    func managementWritesFailuresAndSignInsAreAuditable(members: String, expected: Bool) {
        #expect(AuditTrail.isAuditable(members) == expected)
    }

    @Test func recordHasItsMembersInOrder() {
        let event = """
            {"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA:ann",
             "arn":"arn:aws:sts::123456789012:assumed-role/Ops/ann","accountId":"123456789012","accessKeyId":"ASIA1"},
             "eventTime":"2026-01-02T03:04:05Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",
             "awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2 \\"x\\"",
             "requestID":"req-1","eventID":"id-1","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,
             "requestParameters":{ "imageId" : "ami-1" },"recipientAccountId":"123456789012"}
            """
        let records = AuditTrail.records(of: event)
        #expect(records.map(\.isAuditable) == [true])
        let expected =
            #"{"uid":"id-1","position":{"file":"trail.json","record":0},"record":{"#
            + #""activity_id":1,"activity_name":"Create","category_uid":6,"category_name":"Application Activity","#
            + #""class_uid":6003,"class_name":"API Activity","type_uid":600301,"type_name":"API Activity: Create","#
            + #""severity_id":1,"severity":"Informational","status_id":1,"status":"Success","time":1767323045000,"#
            + #""api":{"operation":"RunInstances","service":{"name":"ec2.amazonaws.com"},"#
            + #""request":{"uid":"req-1","data":{"imageId":"ami-1"}}},"#
            + #""actor":{"user":{"type":"AssumedRole","type_id":99,"#
            + #""uid":"arn:aws:sts::123456789012:assumed-role/Ops/ann","uid_alt":"AROA:ann","#
            + #""account":{"uid":"123456789012","type":"AWS Account","type_id":10},"credential_uid":"ASIA1"}},"#
            + #""src_endpoint":{"ip":"203.0.113.7"},"http_request":{"user_agent":"aws-cli/2 \"x\""},"#
            + #""cloud":{"provider":"AWS","region":"eu-west-1","#
            + #""account":{"uid":"123456789012","type":"AWS Account","type_id":10}},"#
            + #""resources":[{"name":"ami-1","type":"image"}],"unmapped":{"readOnly":false,"managementEvent":true},"#
            + #""observables":[{"name":"actor.user.uid","type":"User Object: uid","type_id":31,"#
            + #""value":"arn:aws:sts::123456789012:assumed-role/Ops/ann"},"#
            + #"{"name":"actor.user.credential_uid","type":"User Credential ID","type_id":19,"value":"ASIA1"},"#
            + #"{"name":"src_endpoint.ip","type":"IP Address","type_id":2,"value":"203.0.113.7"},"#
            + #"{"name":"http_request.user_agent","type":"HTTP User-Agent","type_id":16,"value":"aws-cli/2 \"x\""},"#
            + #"{"name":"cloud.account.uid","type":"Account Object: uid","type_id":35,"value":"123456789012"},"#
            + #"{"name":"resources[0].name","type":"Resource Details Object: name","type_id":38,"value":"ami-1"}],"#
            + #""metadata":{"version":"1.8.0","product":{"name":"CloudTrail","vendor_name":"AWS","version":"1.09"},"#
            + #""uid":"id-1","event_code":"AwsApiCall","log_provider":"AWS CloudTrail","#
            + #""original_time":"2026-01-02T03:04:05Z",\#(AuditTrail.maker),"profiles":["cloud"]}}}"#
        #expect(records.first?.json == expected)
    }

    @Test func resourcesAreNamedOnceByTheEventAndByItsParameters() throws {
        let resources = try #require(AuditTrail.record(of: MadeUpEvents.call)["resources"])
        #expect(
            resources.names == [
                "arn:aws:s3:::logs", "arn:aws:s3:::logs/a", "copies", "arn:aws:iam::111122223333:role/R", "i-1", "i-2",
                "arn:aws:s3:::made",
            ])
        let secret = try AuditTrail.record(
            of: """
                {"eventTime":"2026-01-02T03:04:05Z","eventName":"DeleteSecret",
                 "requestParameters":{"secretId":"db","clientRequestToken":"t","accountId":"1","rows":[{"keyIds":["k"]}],
                 "roleSessionName":"s","password":"HIDDEN_DUE_TO_SECURITY_REASONS","name":"n","tags":[{"name":"x"}]}}
                """)
        #expect(secret["resources"]?.names == ["db", "k", "n"])
    }

    @Test func accountChangeNamesWhoIsChanged() throws {
        let created = try AuditTrail.record(of: MadeUpEvents.createUser)
        #expect(created["class_uid"] == .integer(3001) && created["type_name"]?.text == "Account Change: Create")
        #expect(created.value(at: "user.name")?.text == "bob")
        #expect(created.value(at: "actor.user.name")?.text == "ann")
        #expect(created.value(at: "user_result.uid")?.text == "arn:aws:iam::777788889999:user/bob")
        let attached = try AuditTrail.record(of: MadeUpEvents.accountChanges[3])
        #expect(attached["activity_name"]?.text == "Attach Policy")
        #expect(attached.value(at: "user.name")?.text == "Ops" && attached.value(at: "user.type")?.text == "Role")
        #expect(attached.value(at: "policies[0].uid")?.text == "arn:aws:iam::aws:policy/Admin")
        // Nobody creates themselves.
        let nameless = try AuditTrail.record(of: MadeUpEvents.change("CreateUser", "null"))
        #expect(nameless.value(at: "user.name")?.text == "Unknown" && nameless.value(at: "user.uid") == nil)
        // Without a name, users change their own password.
        let own = try AuditTrail.record(of: MadeUpEvents.change("ChangePassword", "null"))
        #expect(own["activity_id"] == .integer(3) && own.value(at: "user.uid")?.text == "arn:aws:iam::1:user/ann")
    }

    @Test func failedVerificationOfIdentityCenterIsAFailedAuthentication() throws {
        let record = try AuditTrail.record(of: MadeUpEvents.verification)
        #expect(record["class_uid"] == .integer(3002) && record["activity_name"]?.text == "Preauth")
        #expect(record["status"]?.text == "Failure" && record["severity_id"] == .integer(3))
        #expect(record.value(at: "user.name")?.text == "ann@example.com")
        #expect(record.value(at: "user.uid")?.text == "94482488-1")
        #expect(record.value(at: "actor.idp.uid")?.text == "arn:aws:identitystore::1:identitystore/d-1")
        #expect(record.value(at: "auth_factors[0].factor_type")?.text == "OTP")
        #expect(record.value(at: "service.name")?.text == "signin.amazonaws.com")
    }

    @Test func longestEventFitsIntoAMessageAndSaysWhatIsMissing() throws {
        // A quote takes two bytes in a record.
        let long = String(repeating: #"\""#, count: 100_000)
        let texts = [
            "eventVersion", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestID",
            "eventID",
            "eventType", "apiVersion", "recipientAccountId", "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId",
            "eventCategory", "other", "another",
        ].map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
        let parts = (0..<300).map { "\"a\($0)Name\":\"\(long.prefix(4000))\",\"\(long.prefix(90))\":[[{}]]" }
            .joined(separator: ",")
        let identity = [
            "type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy", "identityProvider",
        ]
        .map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
        for name in ["RunInstances", "CreateUser", "ConsoleLogin"] {
            let text = """
                {"eventTime":"2026-01-02T03:04:05Z","eventName":"\(name)","eventSource":"\(
                    name == "CreateUser" ? "iam.amazonaws.com" : "signin.amazonaws.com")",
                 "userIdentity":{\(identity)},\(texts),
                 "requestParameters":{"userName":"\(long)","policyName":"\(long)",\(parts)},
                 "responseElements":{"user":{"arn":"\(long)","userId":"\(long)"},\(parts)},
                 "resources":[\((0..<200).map { "{\"ARN\":\"\(long.prefix(2000))\($0)\"}" }.joined(separator: ","))],
                 "additionalEventData":{\(parts)},"serviceEventDetails":[\(long.isEmpty ? "" : "[[{\(parts)}]]")]}
                """
            let json = try #require(AuditTrail.records(of: text).first?.json)
            #expect(json.utf8.count < 900_000, "\(name)")
            let record = try AuditTrail.record(of: text)
            #expect(record.value(at: "metadata.is_truncated") == .bool(true))
            #expect(record.value(at: "metadata.untruncated_size") == .integer(Int64(text.utf8.count)))
            #expect(record["status_detail"]?.text?.hasSuffix("\"…") == true)
            #expect(record.value(at: "api.request.data")?["…"] != nil)
        }
    }

    @Test func nothingIsMarkedInWhatFits() throws {
        let text = String(repeating: "x", count: 100_000)
        let record = try AuditTrail.record(
            of: """
                {"eventTime":"2026-01-02T03:04:05Z","eventName":"PutKey","requestParameters":{"policy":"\(text)","z":1}}
                """)
        #expect(record.value(at: "api.request.data.policy")?.text == text)
        #expect(record.value(at: "metadata.is_truncated") == nil)
    }

    @Test func failedCallSaysWhy() throws {
        let record = try #require(
            AuditTrail.records(
                of: """
                    {"eventTime":"2026-01-02T03:04:05Z","eventName":"GetObject","readOnly":true,
                     "errorCode":"AccessDenied","errorMessage":"no\\nway"}
                    """
            ).first)
        #expect(record.isAuditable)
        #expect(record.json.contains(#""severity_id":2,"severity":"Low","status_id":2,"status":"Failure","#))
        #expect(record.json.contains(#""status_code":"AccessDenied","status_detail":"no\nway""#))
        #expect(record.json.contains(#""response":{"error":"AccessDenied","error_message":"no\nway"}"#))
    }

    @Test func failedSignInIsAFailureEvenWithoutAnError() throws {
        let record = try #require(
            AuditTrail.records(
                of: """
                    {"eventTime":"2026-01-02T03:04:05Z","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn",
                     "userIdentity":{"type":"Root","accountId":"1"},"additionalEventData":{"MFAUsed":"Yes"},
                     "responseElements":{"a":[1,{"b":"}"}],"ConsoleLogin": "Failure"}}
                    """
            ).first)
        #expect(record.isAuditable)
        #expect(record.json.contains(#""activity_id":1,"activity_name":"Logon""#))
        #expect(record.json.contains(#""severity_id":3,"severity":"Medium","status_id":2"#))
        #expect(record.json.contains(#""response":{"error":"Failure","data":"#))
        #expect(record.json.contains(#""user":{"type":"Root","type_id":2,"#))
        #expect(record.json.contains(#""session":{"is_mfa":true}"#))
    }

    @Test func successfulSignInIsASuccess() {
        let json = AuditTrail.records(
            of: """
                {"eventTime":"2026-01-02T03:04:05Z","eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn",
                 "responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":false}}
                """
        ).first?.json
        #expect(json?.contains(#""status_id":1"#) == true && json?.contains(#""is_mfa":false"#) == true)
    }

    @Test func serviceThatCallsIsNoAddress() {
        let json = AuditTrail.records(
            of: """
                {"eventTime":"2026-01-02T03:04:05Z","sourceIPAddress":"AWS Internal",
                 "userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}}
                """
        ).first?.json
        #expect(json?.contains(#""src_endpoint":{"svc_name":"AWS Internal"}"#) == true)
        #expect(
            json?.contains(
                #""actor":{"user":{"type":"AWSService","type_id":4,"name":"ec2.amazonaws.com"},"#
                    + #""invoked_by":"ec2.amazonaws.com"}"#) == true)
    }

    @Test func eventWithoutAnyFieldStillHasAllThatIsRequired() {
        let json = AuditTrail.records(of: MadeUpEvents.empty).first?.json
        #expect(
            json
                == #"{"uid":"trail.json#0","position":{"file":"trail.json","record":0},"record":{"activity_id":0,"#
                + #""activity_name":"Unknown","category_uid":6,"category_name":"Application Activity","class_uid":6003,"#
                + #""class_name":"API Activity","type_uid":600300,"type_name":"API Activity: Unknown","severity_id":1,"#
                + #""severity":"Informational","status_id":1,"status":"Success","time":1767323045000,"#
                + #""api":{"operation":"Unknown"},"actor":{"user":{"type_id":0,"name":"Unknown"}},"#
                + #""src_endpoint":{"svc_name":"Unknown"},"cloud":{"provider":"AWS"},"metadata":{"version":"1.8.0","#
                + #""product":{"name":"CloudTrail","vendor_name":"AWS"},"uid":"trail.json#0","#
                + #""log_provider":"AWS CloudTrail","original_time":"2026-01-02T03:04:05Z",\#(AuditTrail.maker),"#
                + #""profiles":["cloud"]}}}"#)
    }

    @Test func valuesThatAreNoTextAreRecordedAsText() {
        let json = AuditTrail.records(
            of: """
                {"eventTime":"2026-01-02T03:04:05Z","eventName":{"a":"\\u0001"},"recipientAccountId":12,"errorCode":5,
                 "resources":"none","userAgent":true}
                """
        ).first?.json
        #expect(json?.contains(#""operation":"{\"a\":\"\\u0001\"}""#) == true)
        #expect(json?.contains(#""account":{"uid":"12","#) == true)
        #expect(json?.contains(#""status_code":"5""#) == true)
        #expect(json?.contains(#""user_agent":"true""#) == true)
    }

    @Test func recordsAreAppendedWithTheirPosition() {
        var builder = ProjectionBuilder(kind: .cloudTrail)
        let recorder = AuditRecorder(projection: &builder)
        var batch = EventBatch(projection: builder.projection)
        batch.beginRow()
        batch.commitRow(time: Timestamp(nanoseconds: -1), place: RecordPlace(index: 0, offset: 0, length: 0))
        let empty: [UInt8] = []
        var bytes = Array("before".utf8)
        let event = batch.row(0, of: empty.span.bytes)
        recorder.append(event, position: .file(name: "f\"", record: 2), to: &bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(##"before{"uid":"f\"#2","position":{"file":"f\"","record":2},"##))
        #expect(text.contains(#""time":-1,"#))
        bytes = []
        recorder.append(
            event, position: .kafka(topic: "t", partition: 3, offset: 42, record: 1), to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self).hasPrefix(
                #"{"uid":"t/3/42#1","position":{"topic":"t","partition":3,"offset":42,"record":1},"record":{"#))
    }
}
