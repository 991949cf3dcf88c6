import Objectives
import Text

// Of an SLO for each of thousands of groups a reader wants those in trouble, and to know of the rest how they are as a whole.

extension SLOReport {
    /// Groups of one SLO that have a line each, the most troubled first.
    static let groupsMax = 20

    /// The report for reading: of each SLO with groups those that are not well, and in one line what is; where too many are not well, in
    /// another line the rest of these.
    public var folded: SLOReport {
        var report = self
        report.entries = []
        for (_, own) in Dictionary(grouping: entries, by: \.terms.name).sorted(by: { $0.key < $1.key }) {
            let groups = own.filter { $0.terms.group != nil }
            report.entries += own.filter { $0.terms.group == nil }
            let isWell = { (entry: Entry) in entry.status == .met }
            let troubled = SLOReport.byTrouble(groups.filter { !isWell($0) })
            report.entries += troubled.prefix(SLOReport.groupsMax)
            for rest in [Array(troubled.dropFirst(SLOReport.groupsMax)), groups.filter(isWell)] {
                if rest.count == 1 {
                    report.entries += rest
                } else {
                    report.entries += Entry.folding(rest).map { [$0] } ?? []
                }
            }
        }
        return report
    }
}

extension SLOReport.Entry {
    /// The SLO's name with its group, or how many of its groups the line has.
    var title: String { foldedGroups > 0 ? "\(terms.name) (\(foldedGroups) groups)" : terms.title }
}
