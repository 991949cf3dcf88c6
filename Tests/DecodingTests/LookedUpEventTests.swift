import Decoding
import TelemetryModel
import TestSupport
import Testing

/// What `aws cloudtrail lookup-events` prints, whole, as a list, or one event a line as `jq` makes of it.
@Suite struct LookedUpEventTests {
    private static let event: String = {
        let record = trailRecord.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return
            #"{"EventId":"a","EventName":"Get","ReadOnly":"true","EventTime":1768467600.0,"EventSource":"s3.amazonaws.com","#
            + #""Resources":[],"CloudTrailEvent":"\#(record)"}"#
    }()

    @Test(arguments: [
        (#"{"Events":[\#(event),\#(event)],"NextToken":"n"}"#, 2), ("[\(event),\n\(event)]", 2), (event, 1),
        ("\(event)\n\(event)\n\(event)\n", 3), ("\(event)\n\(trailRecord)\n\(event)\n", 3),
    ])
    func eventsAreReadHoweverTheyAreListed(text: String, count: Int) throws {
        for format in [InputFormat.auto, .cloudTrail] {
            for input in [Array(text.utf8), gzipped(Array(text.utf8))] {
                for chunk in [61, 1 << 20] {
                    let records = try decodeStream(input, chunk: chunk, format: format)
                    #expect(records.map(\.kind) == Array(repeating: .cloudTrail, count: count))
                }
            }
        }
    }

    @Test func eventWithoutItsRecordIsRejected() throws {
        let records = try decodeAnyMessage(#"{"EventId":"a","EventName":"Get","CloudTrailEvent":""}"#)
        #expect(records.map(\.reason) == [.missingField])
    }
}
