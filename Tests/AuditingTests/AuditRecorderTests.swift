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
        (#""eventName":"PutObject""#, false),
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

    @Test func writeByARoleIsRecordedInFull() {
        let event = """
            {"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA:ann",
             "arn":"arn:aws:sts::123456789012:assumed-role/Ops/ann","accountId":"123456789012","accessKeyId":"ASIA1",
             "sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::123456789012:role/Ops",
              "userName":"Ops"},"attributes":{"creationDate":"2026-01-02T03:00:00Z","mfaAuthenticated":"false"}}},
             "eventTime":"2026-01-02T03:04:05Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",
             "awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.7","userAgent":"aws-cli/2 \\"x\\"",
             "requestID":"req-1","eventID":"id-1","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,
             "recipientAccountId":"123456789012","eventCategory":"Management",
             "resources":[{"accountId":"123456789012","type":"AWS::EC2::Instance","ARN":"arn:aws:ec2:i\\"1"},
              {"type":"no name"},{"ARN":"arn:2"}]}
            """
        let records = AuditTrail.records(of: event)
        #expect(records.map(\.isAuditable) == [true])
        let expected =
            #"{"uid":"id-1","position":{"file":"trail.json","record":0},"record":{"#
            + #""activity_id":1,"activity_name":"Create","category_uid":6,"category_name":"Application Activity","#
            + #""class_uid":6003,"class_name":"API Activity","type_uid":600301,"severity_id":1,"#
            + #""severity":"Informational","status_id":1,"status":"Success","time":1767323045000,"#
            + #""metadata":{"version":"1.8.0","product":{"name":"CloudTrail","vendor_name":"AWS","version":"1.09","#
            + #""feature":{"name":"Management"}},"uid":"id-1","event_code":"AwsApiCall","#
            + #""log_provider":"AWS CloudTrail","original_time":"2026-01-02T03:04:05Z","profiles":["cloud"]},"#
            + #""api":{"operation":"RunInstances","service":{"name":"ec2.amazonaws.com"},"request":{"uid":"req-1"}},"#
            + #""actor":{"user":{"type":"AssumedRole","type_id":99,"#
            + #""uid":"arn:aws:sts::123456789012:assumed-role/Ops/ann","uid_alt":"AROA:ann","name":"Ops","#
            + #""account":{"uid":"123456789012","type":"AWS Account","type_id":10},"credential_uid":"ASIA1"},"#
            + #""session":{"created_time":1767322800000,"is_mfa":false,"issuer":"arn:aws:iam::123456789012:role/Ops"}},"#
            + #""src_endpoint":{"ip":"203.0.113.7"},"http_request":{"user_agent":"aws-cli/2 \"x\""},"#
            + #""cloud":{"provider":"AWS","region":"eu-west-1","#
            + #""account":{"uid":"123456789012","type":"AWS Account","type_id":10}},"#
            + #""resources":[{"uid":"arn:aws:ec2:i\"1","type":"AWS::EC2::Instance","#
            + #""owner":{"account":{"uid":"123456789012","type":"AWS Account","type_id":10}}},{"uid":"arn:2"}]}}"#
        #expect(records.first?.json == expected)
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
        #expect(record.json.contains(#""activity_id":99,"activity_name":"ConsoleLogin""#))
        #expect(record.json.contains(#""severity_id":3,"severity":"Medium","status_id":2"#))
        #expect(record.json.contains(#""response":{"error":"Failure"}"#))
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
        let json = AuditTrail.records(of: #"{"eventTime":"2026-01-02T03:04:05Z"}"#).first?.json
        #expect(
            json
                == #"{"uid":"trail.json#0","position":{"file":"trail.json","record":0},"record":{"activity_id":0,"#
                + #""activity_name":"Unknown","category_uid":6,"category_name":"Application Activity","class_uid":6003,"#
                + #""class_name":"API Activity","type_uid":600300,"severity_id":1,"severity":"Informational","#
                + #""status_id":1,"status":"Success","time":1767323045000,"metadata":{"version":"1.8.0","#
                + #""product":{"name":"CloudTrail","vendor_name":"AWS"},"log_provider":"AWS CloudTrail","#
                + #""original_time":"2026-01-02T03:04:05Z","profiles":["cloud"]},"api":{"operation":"Unknown"},"#
                + #""actor":{"user":{"type_id":0,"name":"Unknown"}},"src_endpoint":{"svc_name":"Unknown"},"#
                + #""cloud":{"provider":"AWS"}}}"#)
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
