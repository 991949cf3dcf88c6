import Objectives
import Replay

extension SLOReport {
    /// Takes the warnings of a replay's own report, which saw the records and knows near names, for objectives of which
    /// this report has the same ones to tell; and says by which configuration the replay counted.
    mutating func take(_ report: ReplayedReport) {
        provenance?.settings = report.settingsDigest
        provenance?.resources = report.resourcesDigest
        warnings = report.warnings
        for place in entries.indices {
            guard let told = report.warningsOfObjectives[entries[place].terms.name] else { continue }
            let parts = told.filter { $0.code == .selectorUnmatched }.map(\.part)
            let own = entries[place].warnings.map(\.part)
            if parts == own || own.isEmpty && entries[place].status == .noData { entries[place].warnings = told }
        }
    }
}
