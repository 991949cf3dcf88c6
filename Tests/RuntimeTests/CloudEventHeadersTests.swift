import Runtime
import Testing

@Suite struct CloudEventHeadersTests {
    @Test func aSeriesGivesTheHeadersThatAreMadeOneByOne() {
        var series = CloudEventHeaders.Series(type: CloudEventHeaders.audit)
        for id in ["t/0/1#0", "a-longer-topic/11/12345678901#4"] {
            let made = CloudEventHeaders.make(type: CloudEventHeaders.audit, id: id, time: nil)
            #expect(series.of(id: Array(id.utf8)) == made)
        }
    }
}
