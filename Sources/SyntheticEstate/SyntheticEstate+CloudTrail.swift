import Statistics
import TelemetryModel

/// One API call or console sign-in.
struct GeneratedCall {
    let time: Timestamp
    let account: String
    /// A call to a service's API, which is what the objective `api-success` is about, and no sign-in.
    let isService: Bool
    let succeeded: Bool
    let json: String
}

extension SyntheticEstate {
    private static let services: [(source: String, weight: Int, calls: [(name: String, readOnly: Bool)])] = [
        ("sts.amazonaws.com", 24, [("AssumeRole", true), ("GetCallerIdentity", true)]),
        ("kms.amazonaws.com", 20, [("Decrypt", true), ("GenerateDataKey", true), ("DescribeKey", true)]),
        (
            "ec2.amazonaws.com", 18,
            [("DescribeInstances", true), ("RunInstances", false), ("CreateTags", false)]
        ),
        ("s3.amazonaws.com", 14, [("GetBucketAcl", true), ("PutBucketTagging", false), ("ListBuckets", true)]),
        ("iam.amazonaws.com", 8, [("GetRole", true), ("PutRolePolicy", false), ("CreateRole", false)]),
        ("secretsmanager.amazonaws.com", 8, [("GetSecretValue", true)]),
        ("elasticache.amazonaws.com", 4, [("DescribeCacheClusters", true), ("ModifyCacheCluster", false)]),
        ("rds.amazonaws.com", 4, [("DescribeDBInstances", true), ("ModifyDBInstance", false)]),
    ]

    private static let faults = [
        ("AccessDenied", "User is not authorized to perform this operation"), ("ThrottlingException", "Rate exceeded"),
        ("InternalFailure", "An internal error occurred \u{2014} please try again."),
    ]

    func cloudTrailCalls(minute: Int, random: inout SeededGenerator) -> [GeneratedCall] {
        var calls: [GeneratedCall] = []
        for _ in 0..<settings.cloudTrailPerMinute {
            calls.append(serviceCall(minute: minute, random: &random))
        }
        // People sign in all day; one in six mistypes, which gives the baseline its spread.
        for _ in 0..<(2 + random.below(4)) {
            calls.append(
                signIn(
                    minute: minute, account: inventory.accounts[0], failed: random.chance(0.16),
                    address: random.pick(inventory.outsideClients), random: &random))
        }
        for account in targets(of: .failedSignIns, in: minute) {
            for _ in 0..<60 {
                calls.append(
                    signIn(
                        minute: minute, account: account, failed: true, address: inventory.scanner,
                        random: &random))
            }
        }
        return calls
    }

    private func serviceCall(minute: Int, random: inout SeededGenerator) -> GeneratedCall {
        var ticket = random.below(100)
        var service = SyntheticEstate.services[0]
        for candidate in SyntheticEstate.services {
            service = candidate
            ticket -= candidate.weight
            if ticket < 0 { break }
        }
        let call = random.pick(service.calls)
        let who = random.pick(inventory.principals)
        let time = self.time(minute: minute, second: random.below(60))
        let arn = "arn:aws:sts::\(who.account):assumed-role/\(who.role)/\(who.session)"
        let fault = random.chance(0.012) ? random.pick(SyntheticEstate.faults) : nil
        let failure = fault.map { #""errorCode":"\#($0.0)","errorMessage":"\#($0.1)","# } ?? ""
        let address = "10.0.\(random.below(32)).\(1 + random.below(254))"
        let short = service.source.prefix { $0 != "." }
        let json =
            #"{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"\#(who.roleID):\#(who.session)","#
            + #""arn":"\#(arn)","accountId":"\#(who.account)","accessKeyId":"ASIA\#(EstateInventory.base32(16, &random))","#
            + #""sessionContext":{"sessionIssuer":{"type":"Role","principalId":"\#(who.roleID)","#
            + #""arn":"arn:aws:iam::\#(who.account):role/\#(who.role)","accountId":"\#(who.account)","#
            + #""userName":"\#(who.role)"},"attributes":{"creationDate":"\#(settings.start)","mfaAuthenticated":"false"}}},"#
            + #""eventTime":"\#(time)","eventSource":"\#(service.source)","eventName":"\#(call.name)","#
            + #""awsRegion":"\#(EstateInventory.region)","sourceIPAddress":"\#(address)","#
            + #""userAgent":"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 api/\#(short)","#
            + failure
            + #""requestParameters":{"name":"\#(who.role)","resource":"\#(short)-\#(random.below(40))","maxResults":100},"#
            + #""responseElements":null,"requestID":"\#(EstateInventory.uuid(&random))","#
            + #""eventID":"\#(EstateInventory.uuid(&random))","readOnly":\#(call.readOnly),"eventType":"AwsApiCall","#
            + #""managementEvent":true,"recipientAccountId":"\#(who.account)","eventCategory":"Management","#
            + #""tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","#
            + #""clientProvidedHostHeader":"\#(short).\#(EstateInventory.region).amazonaws.com"}}"#
        return GeneratedCall(
            time: time, account: who.account, isService: true, succeeded: fault == nil, json: json)
    }

    private func signIn(
        minute: Int, account: String, failed: Bool, address: String, random: inout SeededGenerator
    ) -> GeneratedCall {
        let time = self.time(minute: minute, second: random.below(60))
        let person = random.pick(inventory.people)
        let failure = failed ? #""errorMessage":"Failed authentication","# : ""
        let json =
            #"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA\#(EstateInventory.base32(17, &random))","#
            + #""arn":"arn:aws:iam::\#(account):user/\#(person)","accountId":"\#(account)","userName":"\#(person)"},"#
            + #""eventTime":"\#(time)","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","#
            + #""awsRegion":"\#(EstateInventory.region)","sourceIPAddress":"\#(address)","#
            + #""userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0","#
            + failure
            + #""requestParameters":null,"responseElements":{"ConsoleLogin":"\#(failed ? "Failure" : "Success")"},"#
            + #""additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","#
            + #""MFAUsed":"\#(failed ? "No" : "Yes")"},"eventID":"\#(EstateInventory.uuid(&random))","readOnly":false,"#
            + #""eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":"\#(account)","#
            + #""eventCategory":"Management"}"#
        return GeneratedCall(time: time, account: account, isService: false, succeeded: !failed, json: json)
    }
}
