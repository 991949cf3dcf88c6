import KafkaClient
import Settings
import Testing

/// The table of options against the librdkafka that is linked.
@Suite struct KafkaOptionTableTests {
    @Test func librdkafkaTakesTheEndsOfEveryRange() {
        for (name, kind) in KafkaOptionTable.allowed {
            let values: [String] =
                switch kind {
                case .integer(let range): ["\(range.lowerBound)", "\(range.upperBound)"]
                case .flag: ["true", "false"]
                case .word(let words): words
                case .words(let words): words + [words.joined(separator: ",")]
                // What a text may be shows when a client is made.
                case .text, .file: []
                }
            for value in values {
                let settings = KafkaClient.KafkaSettings(bootstrapServers: ["a:1"], options: [name: value])
                #expect(settings.problems().isEmpty, "\(name) \(value)")
            }
        }
    }
}
