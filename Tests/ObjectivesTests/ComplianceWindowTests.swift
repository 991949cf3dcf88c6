import TelemetryModel
import TestObjectives
import Testing

@testable import Objectives

@Suite struct ComplianceWindowTests {
    private let fortnight = ComplianceWindow.rolling(nanoseconds: 14 * day)

    @Test func aRollingWindowCoversWhatIsBeforeTheTimeAtWhichItIsAsked() {
        #expect(fortnight.range(at: at(7)) == at(7 - 14 * 1440)..<at(7))
        #expect(fortnight.nextBoundary(after: at(7)) == nil)
        #expect(fortnight.whole(at: at(7)) == fortnight.range(at: at(7)))
        // Nothing is before the first time of all.
        let first = Timestamp(nanoseconds: .min)
        #expect(fortnight.range(at: first.advanced(by: hour)) == first..<first.advanced(by: hour))
    }

    @Test(arguments: ["30d", "1h", "90m", "1s"]) func itsTextReadsBack(text: String) throws {
        let window = try #require(ComplianceWindow(text))
        #expect(window.text == text)
        #expect(ComplianceWindow(window.text) == window)
    }

    @Test(arguments: ["", "30", "0d", "500ms", "-1d", "month"]) func whatIsNoWindowIsNotRead(text: String) {
        #expect(ComplianceWindow(text) == nil)
    }

    /// The slice in which the report's time lies belongs to the window, and so does the one in which the window begins.
    @Test func aLedgerCoversTheSlicesThatTheWindowTouches() throws {
        let method = BudgetingMethod.ratioTimeslices(windowNanoseconds: 7 * minute)
        let ledger = ObjectiveLedger(terms: terms(window: hour, method: method))
        let slices = ledger.covered(at: at(3))
        let end = ledger.grid.end(at: at(3))
        // 60 minutes are eight slices of seven minutes, and four minutes of a ninth.
        #expect(slices == end - 9..<end)
        let whole = ObjectiveLedger(terms: terms(window: hour)).covered(at: at(3).advanced(by: -1))
        #expect(whole.count == 60)
    }

    @Test func aReportShowsTheLookBacksThatTheWindowReaches() {
        func shown(_ window: Int64) -> [Int64] {
            ObjectiveLedger(terms: terms(window: window)).reportEntry(at: at(0)).burnRates.map(\.lookbackNanoseconds)
        }
        #expect(shown(30 * day) == [hour, 6 * hour, day, 3 * day])
        #expect(shown(6 * hour) == [hour, 6 * hour])
        #expect(shown(20 * minute) == [20 * minute])
    }
}
