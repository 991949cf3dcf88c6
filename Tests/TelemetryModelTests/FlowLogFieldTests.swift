import TelemetryModel
import Testing

@Suite struct FlowLogFieldTests {
    @Test func defaultListIsVersionTwoInItsOrder() {
        let names = FlowLogField.defaultFields.map(\.hyphenName).joined(separator: " ")
        #expect(
            names
                == "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
                + "action log-status")
    }

    @Test func namesAreFoundWithHyphensAndWithUnderscores() {
        for field in FlowLogField.allCases {
            #expect(FlowLogField(name: field.rawValue) == field)
            #expect(FlowLogField(name: field.hyphenName) == field)
        }
        #expect(FlowLogField(name: "srcAddr") == nil)
        #expect(FlowLogField(name: "") == nil)
    }

    @Test func everyVersionBringsAsManyFieldsAsTheReferenceLists() {
        let counts = Dictionary(grouping: FlowLogField.allCases, by: \.introducedInVersion).mapValues(\.count)
        #expect(counts == [2: 14, 3: 7, 4: 4, 5: 4, 6: 18, 7: 10, 8: 1, 9: 1, 10: 1, 11: 12])
    }
}
