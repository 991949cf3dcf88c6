import Objectives
import Text

// Of an SLO for each of thousands of groups a reader wants those in trouble, and to know of the rest how they are as a whole.

extension SLOReport {
    /// Groups of one SLO that have a line each, the most troubled first.
    static let groupsMax = 20

    /// The report for reading: of each SLO with groups a line for each of the worst, and one for the others of each status.
    public var folded: SLOReport {
        var report = self
        report.entries = []
        for (_, own) in Dictionary(grouping: entries, by: \.terms.name).sorted(by: { $0.key < $1.key }) {
            let groups = own.filter { $0.terms.group != nil }
            report.entries += own.filter { $0.terms.group == nil }
            let shown = SLOReport.byTrouble(groups.filter(\.isInTrouble)).prefix(SLOReport.groupsMax)
            report.entries += shown
            let places = Set(shown.compactMap(\.terms.group))
            let rest = groups.filter { $0.terms.group.map { !places.contains($0) } ?? false }
            for (_, alike) in Dictionary(grouping: rest, by: \.status).sorted(by: { $0.key.rawValue < $1.key.rawValue })
            {
                if alike.count == 1 {
                    report.entries += alike
                } else {
                    report.entries += Entry.folding(alike).map { [$0] } ?? []
                }
            }
        }
        return report
    }
}

extension SLOReport.Entry {
    /// The SLO's name with its group, or how many of its groups the line has.
    var title: String {
        foldedGroups > 0 ? "\(terms.name) (\(SLOReport.grouped(Int128(foldedGroups))) groups)" : terms.title
    }

    /// Whether somebody has to look after it.
    fileprivate var isInTrouble: Bool {
        switch status {
        case .invalid, .violated, .atRisk: true
        case .incomplete, .noData, .met: false
        }
    }
}
