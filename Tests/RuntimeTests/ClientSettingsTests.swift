import KafkaClient
import Records
import Settings
import Testing

@testable import Runtime

/// What settings become: options of the client, and topics.
@Suite struct ClientSettingsTests {
    @Test func whatIsWrittenInTheFileGoesBeforeWhatIsMadeOfIt() {
        var settings = Settings.KafkaSettings(bootstrapServers: ["a:1", "b:2"])
        settings.clientID = "me"
        settings.security.protocolName = .saslTLS
        settings.security.mechanism = .scramSHA512
        settings.security.username = "user"
        settings.security.password = Secret("secret")
        settings.security.caFile = "/ca.pem"
        settings.security.verifiesHostname = false
        settings.options = [KafkaOption(name: "statistics.interval.ms", value: Secret("100"))]
        #expect(
            settings.clientSettings
                == KafkaClient.KafkaSettings(
                    bootstrapServers: ["a:1", "b:2"],
                    options: [
                        "client.id": "me", "statistics.interval.ms": "100", "security.protocol": "sasl_ssl",
                        "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "user", "sasl.password": "secret",
                        "ssl.ca.location": "/ca.pem", "ssl.endpoint.identification.algorithm": "none",
                        "ssl.cipher.suites": "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK",
                    ]))
        settings.security.minimumVersion = .v13
        #expect(settings.clientSettings.options["ssl.cipher.suites"] == "PSK-AES256-GCM-SHA384")
        // A name that is not verified is a matter of TLS alone.
        settings.security.protocolName = .plaintext
        #expect(settings.clientSettings.options["ssl.endpoint.identification.algorithm"] == nil)
        #expect(settings.clientSettings.options["ssl.cipher.suites"] == nil)
    }

    @Test func topicsOfStateAreNeverForgottenAndEveryTopicHasAPolicy() throws {
        let topics = OutputTopics(prefix: "p.")
        var settings = OutputSettings()
        settings.partitions = 5
        settings.replicationFactor = 2
        let made = topics.specifications(settings)
        #expect(Set(made.map(\.name)) == Set(topics.names))
        #expect(made.allSatisfy { $0.partitions == 5 && $0.replicationFactor == 2 })
        let policies = Dictionary(uniqueKeysWithValues: made.map { ($0.name, $0.configuration) })
        for name in [topics.windows, topics.notifications] {
            #expect(
                policies[name]?.filter { $0.key.hasPrefix("cleanup") || $0.key.hasPrefix("retention") } == [
                    "cleanup.policy": "compact"
                ])
        }
        // What is older than `outputs.mac.requiredSince` is so by the broker's clock.
        for (name, policy) in policies {
            let type = policy["message.timestamp.type"]
            #expect(type == (topics.stateNames.contains(name) ? "LogAppendTime" : nil), "\(name)")
        }
        // Beyond these nothing may be kept for ever, or a disk fills.
        for (name, policy) in policies where policy["cleanup.policy"] != "compact" {
            #expect(try Int(#require(policy["retention.ms"])) != nil, "\(name)")
        }
        #expect(policies[topics.registers]?["cleanup.policy"] == "delete")
        // By the time of our own entries members know the broker's clock.
        #expect(policies[topics.registers]?["message.timestamp.type"] == "LogAppendTime")
    }
}
