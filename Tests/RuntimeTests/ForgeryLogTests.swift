import Observability
import Records
import Testing

@testable import Runtime

/// Somebody may write a million records: each is counted, and one line says so.
@Suite struct ForgeryLogTests {
    @Test func eachIsCountedAndOneOfATopicAndReasonIsSaid() {
        let (lines, metrics) = (LogLines(), MetricsRegistry())
        let log = ForgeryLog(metrics, lines.logger)
        for topic in ["t.windows", "t.alerts"] {
            for offset in 0..<1000 {
                log.note(TopicPlace(topic: topic, partition: 2, offset: Int64(offset)), .missing)
            }
        }
        log.note(TopicPlace(topic: "t.alerts", partition: 0, offset: 7), .wrong)
        func value(_ topic: String, _ reason: String) -> Double? {
            metrics.value(.recordsUnauthentic, [("topic", topic), ("reason", reason)])
        }
        #expect(value("t.windows", "missing") == 1000 && value("t.alerts", "missing") == 1000)
        #expect(value("t.alerts", "wrong") == 1 && value("t.windows", "wrong") == nil)
        let said = lines.take()
        #expect(said.count == 3 && said.allSatisfy { $0.hasPrefix("error ") }, "\(said)")
        #expect(said.map { $0.hasSuffix("reason=missing record=t.windows/2/0") } == [true, false, false])
        #expect(said[2].hasSuffix("reason=wrong record=t.alerts/0/7"))
    }
}
