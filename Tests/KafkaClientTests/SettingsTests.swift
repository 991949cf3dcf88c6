import Testing

@testable import KafkaClient

struct SettingsTests {
    @Test
    func anUnknownOptionIsNamedWithLibrdkafkasOwnWords() throws {
        let settings = KafkaSettings(bootstrapServers: ["localhost:1"], options: ["fetch.mni.bytes": "1"])
        #expect(
            settings.problems().map(\.description) == [
                "Kafka option fetch.mni.bytes=1 cannot be used: No such configuration property: \"fetch.mni.bytes\""
            ])
        #expect(throws: KafkaOptionError.self) { _ = try KafkaProducer(settings: settings) }
    }

    @Test
    func everyBadOptionIsReportedInOrder() {
        let settings = KafkaSettings(
            bootstrapServers: [],
            options: ["linger.ms": "soon", "enable.auto.commit": "true", "acks": "all", "zzz": "1"])
        let problems = settings.problems()
        #expect(problems.map(\.option) == ["bootstrap.servers", "enable.auto.commit", "linger.ms", "zzz"])
        #expect(problems[1].reason.contains("acknowledged"))
    }

    @Test
    func secretsAreInNoMessage() throws {
        let settings = KafkaSettings(bootstrapServers: ["b:1"]).security(
            .saslSCRAM(.sha512, user: "u", password: "hunter2", tls: .init(authority: "/nowhere/ca.pem")))
        #expect(settings.options["security.protocol"] == "sasl_ssl")
        #expect(settings.options["sasl.mechanism"] == "SCRAM-SHA-512")
        #expect(!settings.description.contains("hunter2"))
        #expect(settings.description.contains("sasl.password=<redacted>"))
        #expect(settings.problems().isEmpty)
        let error = KafkaOptionError(option: "sasl.password", value: "hunter2", reason: "Invalid value \"hunter2\"")
        #expect(error.description == "Kafka option sasl.password=<redacted> cannot be used: the value was not accepted")
        #expect {
            _ = try KafkaProducer(settings: settings)
        } throws: {
            let text = "\($0)"
            return text.contains("ssl.ca.location") && !text.contains("hunter2")
        }
    }

    @Test
    func explicitOptionsWinOverTheSecurityShorthand() {
        let settings = KafkaSettings(bootstrapServers: ["b:1"], options: ["sasl.username": "explicit"])
            .security(.saslPlain(user: "u", password: "p", tls: nil))
        #expect(settings.options["sasl.username"] == "explicit")
        #expect(settings.options["security.protocol"] == "sasl_plaintext")
    }

    @Test
    func anErrorSaysWhatFailedWhere() {
        let error = KafkaError(
            code: .notLeader, operation: "fetch", partition: TopicPartition(topic: "t", partition: 3), offset: 17)
        #expect(
            error.description
                == "Kafka: fetch failed for t[3] at offset 17: Broker: Not leader for partition (NOT_LEADER_FOR_PARTITION)"
        )
        #expect(error.isRetriable && !error.isFatal)
    }

    @Test
    func durationsAreRoundedUpAndBounded() {
        #expect(Duration.zero.milliseconds == 0)
        #expect(Duration.seconds(-1).milliseconds == 0)
        #expect(Duration.nanoseconds(1).milliseconds == 1)
        #expect(Duration.milliseconds(20).milliseconds == 20)
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
    }
}
