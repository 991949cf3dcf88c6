import Settings
import Sinks
import TestSupport
import Testing

/// Where alerts are sent: which settings there are, and which are refused.
@Suite struct SinkSettingsTests {
    private func load(_ spec: String) throws -> (settings: RunSettings?, problems: [String]) {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: s}
            spec:
              kafka: {bootstrapServers: a:9092}
              inputs: [{topic: t}]
              \(spec)
            """, to: "s.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:])
        return (
            loaded.settings,
            loaded.problems.besidesPlainBrokers.map { $0.description.replacing("\(folder.root)/s.yaml:", with: "") }
        )
    }

    @Test func sinksStandBesideWhatPagerDutySays() throws {
        let loaded = try load(
            """
            pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}
              sinks:
                - {name: second, pagerDuty: {routingKey: llllllllllllllllllllllllllllllll, endpoint: "https://events.eu.pagerduty.com/v2/enqueue"}}
              alerts: {maxAge: 2h, removedAfter: 20m}
            """)
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        var second = PagerDutySettings(routingKey: Secret("llllllllllllllllllllllllllllllll"))
        second.address = "https://events.eu.pagerduty.com/v2/enqueue"
        let settings = try #require(loaded.settings)
        #expect(
            settings.sinks == [
                SinkSettings(
                    name: "pagerduty",
                    destination: PagerDutySettings(routingKey: Secret("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"))),
                SinkSettings(name: "second", destination: second),
            ])
        #expect(settings.sinks.map { $0.group(of: "g") } == ["g-pagerduty", "g-sink-second"])
        #expect(settings.alerts.maxAgeNanoseconds == 7_200_000_000_000)
        #expect(settings.alerts.removedAfterNanoseconds == 1_200_000_000_000)
    }

    @Test(arguments: [
        "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80/", "https://example.org",
        "HTTPS://example.org/a?b",
    ])
    func anAddressIsHTTPSOrOfThisMachine(address: String) throws {
        let loaded = try load("pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: \"\(address)\"}")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(loaded.settings?.sinks.first?.destination.address == address)
    }

    @Test(arguments: [
        "http://example.org/", "http://169.254.169.254/x", "http://127.0.0.1.example.org/", "http://0x7f000001/",
        "http://127.1/",
    ])
    func plainHTTPIsRefusedUnlessItIsAllowed(address: String) throws {
        let refused = try load("pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: \"\(address)\"}")
        #expect(refused.problems.count == 1 && refused.problems[0].contains("the address is not https"))
        let allowed = try load(
            "pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: \"\(address)\", allowInsecure: true}")
        #expect(allowed.problems.isEmpty, "\(allowed.problems)")
    }

    @Test(arguments: [
        ("ftp://example.org", "the endpoint is no web address"), ("example.org", "the endpoint is no web address"),
        ("https://", "the endpoint is no web address"), ("https://example.org:0/", "the endpoint is no web address"),
        ("https://u:hunter2@example.org/", "the address holds a user or a password"),
    ])
    func whatIsNoAddressIsRefused(address: String, text: String) throws {
        let problems = try load("pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: \"\(address)\"}")
            .problems
        #expect(problems.count == 1 && problems[0].contains(text), "\(problems)")
        #expect(!problems.joined().contains("hunter2"))
    }

    @Test func aWebhookHasAnAddressAndASecret() throws {
        let loaded = try load(
            "sinks: [{name: hook, webhook: {url: https://example.org/in, secret: 0123456789abcdef}}]")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(
            loaded.settings?.sinks == [
                SinkSettings(
                    name: "hook",
                    destination: WebhookSettings(
                        url: "https://example.org/in", secret: Secret("0123456789abcdef")))
            ])
    }

    @Test(arguments: [
        ("{url: https://example.org/in}", "\"secret\" is missing"),
        ("{secret: 0123456789abcdef}", "\"url\" is missing"),
        ("{url: https://example.org/in, secret: hunter2}", "the secret is shorter than 16 bytes"),
        ("{url: http://example.org/in, secret: 0123456789abcdef}", "the address is not https"),
        ("{url: hooks, secret: 0123456789abcdef}", "the url is no web address"),
        ("{url: https://example.org/in, secretFile: nowhere}", "there is no file "),
        ("{uri: https://example.org/in, secret: 0123456789abcdef}", "did you mean \"url\"?"),
    ])
    func aWebhookThatCannotBeIsRefused(webhook: String, text: String) throws {
        let problems = try load("sinks: [{name: hook, webhook: \(webhook)}]").problems
        #expect(problems.count == 1 && problems[0].contains(text), "\(problems)")
        #expect(!problems.joined().contains("hunter2"))
    }

    @Test func aSinkHasOneDestination() throws {
        let problems = try load(
            "sinks: [{name: a, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}, webhook: {url: https://e.org, secret: 0123456789abcdef}}]"
        ).problems
        #expect(problems.count == 1 && problems[0].contains("the sink has 2 destinations"), "\(problems)")
    }

    @Test(arguments: [
        ("sinks: [{pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]", "\"name\" is missing"),
        ("sinks: [{name: a}]", "the sink has no destination"),
        ("sinks: [{name: A b, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]", "can't be a sink's name"),
        (
            "sinks: [{name: \"a/b\", pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]",
            "can't be a sink's name"
        ),
        (
            "sinks: [{name: a, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}, {name: a, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]",
            "there is another sink of this name"
        ),
        (
            "pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}\n  sinks: [{name: pagerduty, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]",
            "there is another sink of this name"
        ),
        ("alerts: {maxAge: 1s}", "1s is too short"), ("alerts: {removedAfter: 10ms}", "10ms is too short"),
        ("alerts: {maxage: 1h}", "did you mean \"maxAge\"?"),
        (
            "sinks: ["
                + (0..<17).map { "{name: s\($0), pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}" }.joined(
                    separator: ", ") + "]",
            "there are 17 sinks"
        ),
    ])
    func whatCannotBeIsRefused(spec: String, text: String) throws {
        let problems = try load(spec).problems
        #expect(problems.count == 1 && problems[0].contains(text), "\(problems)")
    }
}
