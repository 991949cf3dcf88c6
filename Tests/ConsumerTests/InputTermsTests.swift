import Settings
import TelemetryModel
import Testing

@testable import Accounting
@testable import Consumer

/// What event time is told of the inputs in settings.
@Suite struct InputTermsTests {
    @Test func withoutASettingAnInputIsWaitedForAsItsFormatAsks() {
        var inputs = ["trail", "flows", "stream", "otlp", "mixed"].map { InputSettings(topic: $0) }
        inputs[0].format = .cloudTrail
        inputs[1].format = .vpcFlow
        inputs[2].format = .metricStreamJSON
        inputs[3].format = .otlp
        var settings = RunSettings(name: "s", kafka: KafkaSettings(bootstrapServers: ["a:1"]), inputs: inputs)
        func minutes() -> [Int64] {
            inputs.map { settings.inputTerms[$0.topic].latenessNanoseconds / 60_000_000_000 }
        }
        #expect(minutes() == [15, 15, 3, 3, 15])
        settings.aggregation.lateHorizonNanoseconds = 600_000_000_000
        #expect(minutes() == [10, 10, 3, 3, 10], "what is not counted any more is not waited for")
        settings.aggregation.allowedLatenessNanoseconds = 300_000_000_000
        #expect(minutes() == [5, 5, 5, 5, 5])
    }

    @Test func anInputIsWaitedForByTheKindsThatItMayHoldAndAsLongAsItSays() {
        var inputs = ["trail", "flows", "metrics", "mixed"].map { InputSettings(topic: $0) }
        inputs[0].format = .cloudTrail
        inputs[0].allowedLatenessNanoseconds = 900_000_000_000
        inputs[1].format = .vpcFlow
        inputs[2].format = .otlpJSON
        var settings = RunSettings(name: "s", kafka: KafkaSettings(bootstrapServers: ["a:1"]), inputs: inputs)
        settings.aggregation.allowedLatenessNanoseconds = 60_000_000_000
        let terms = settings.inputTerms
        #expect(terms["trail"].kinds == [.cloudTrail] && terms["trail"].latenessNanoseconds == 900_000_000_000)
        #expect(terms["flows"].kinds == [.vpcFlow] && terms["flows"].latenessNanoseconds == 60_000_000_000)
        #expect(terms["metrics"].kinds == [.metric])
        #expect(terms["mixed"].kinds == Set(EventKind.allCases))
        // One time for all is as late as each input may be.
        #expect(terms.withOneTime["trail"].kinds == Set(EventKind.allCases))
        #expect(terms.withOneTime["trail"].latenessNanoseconds == 900_000_000_000)
    }
}
