import Objectives
import TelemetryModel
import TestObjectives
import Testing

@testable import Reporting

/// A report says what made it, in every form that people keep.
@Suite struct ProvenanceTests {
    private func report(_ provenance: Provenance?) -> SLOReport {
        var report = SLOReport(at: at(60), ledgers: [ObjectiveLedger(terms: terms("api"))])
        report.provenance = provenance
        return report
    }

    @Test func everyFormNamesBuildAndConfiguration() {
        let (settings, resources) = (String(repeating: "5", count: 64), String(repeating: "a", count: 64))
        let report = report(
            Provenance(version: "1.2.3", commit: "0123456789ab+", settings: settings, resources: resources))
        for text in [report.table(), report.markdown, report.html] {
            for part in ["1.2.3", "0123456789ab", settings, resources] { #expect(text.contains(part), "\(text)") }
        }
        #expect(
            String(decoding: report.json, as: UTF8.self).hasSuffix(
                #""made_by":{"version":"1.2.3","commit":"0123456789ab+","settings_sha256":"\#(settings)","#
                    + #""resources_sha256":"\#(resources)"}}"#))
    }

    @Test func whatIsNotKnownIsSaidAndNotInvented() {
        let report = report(Provenance(version: "1.2.3", commit: nil))
        #expect(
            report.table().hasSuffix("Made by tidewatch 1.2.3, commit unknown, with no settings and no resources\n"))
        #expect(
            String(decoding: report.json, as: UTF8.self).hasSuffix(
                #""made_by":{"version":"1.2.3","commit":null,"settings_sha256":null,"resources_sha256":null}}"#))
        #expect(!String(decoding: self.report(nil).json, as: UTF8.self).contains("made_by"))
    }
}
