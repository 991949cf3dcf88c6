import Objectives
import TelemetryModel
import Text

// What all readable forms of a report share: its title, the order of trouble, the line that adds up, and the notes.

extension SLOReport {
    /// What it is for; over nothing, that.
    var title: String { at.map { "SLO report at \($0)" } ?? "SLO report: nothing was counted" }

    /// `6 SLOs: 1 violated, 2 at_risk, 3 met`.
    var summary: String {
        let counts = Status.byTrouble.compactMap { status in
            let count = entries.reduce(0) { $0 + ($1.status == status ? max(1, $1.foldedGroups) : 0) }
            return count > 0 ? "\(SLOReport.grouped(Int128(count))) \(status.rawValue)" : nil
        }
        let names = Set(entries.map(\.terms.name)).count
        let groups = entries.reduce(0) { $0 + ($1.terms.group == nil ? $1.foldedGroups : 1) }
        let told = groups > 0 ? ", \(SLOReport.grouped(Int128(groups))) \(groups == 1 ? "group" : "groups")" : ""
        return "\(names) \(names == 1 ? "SLO" : "SLOs")\(told): \(counts.joined(separator: ", "))"
    }

    /// The most troubled first: by status, then by what is left of the budget, then by name.
    var byTrouble: [Entry] { SLOReport.byTrouble(entries) }

    static func byTrouble(_ entries: [Entry]) -> [Entry] {
        let order = Dictionary(uniqueKeysWithValues: Status.byTrouble.enumerated().map { ($1, $0) })
        return entries.sorted { left, right in
            if left.status != right.status { return order[left.status, default: 0] < order[right.status, default: 0] }
            switch (left.remaining, right.remaining) {
            case (let left?, let right?) where left != right && (right > left) != (left > right): return right > left
            // A budget of none that is overspent.
            case (nil, _?): return true
            case (_?, nil): return false
            default: return left.title < right.title
            }
        }
    }

    /// That nothing was counted and what was looked at, then what the columns leave out.
    var allNotes: [String] {
        var notes: [String] = []
        if isOverNothing {
            notes.append("Nothing was counted" + (origin.map { ": \($0)." } ?? "."))
            if entries.isEmpty { notes.append("There is no SLO to report on.") }
        }
        // What is said of an SLO is said once, however many of its groups say it.
        var said: Set<String> = []
        let own = byTrouble.flatMap(\.notes).filter { said.insert($0).inserted }
        return (notes + own).map(Inert.line) + warnings.map(\.line)
    }

    /// With a comma between thousands.
    static func grouped(_ number: Int128) -> String {
        var text = ""
        for (place, digit) in number.magnitude.description.reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}

extension SLOReport.Status {
    /// As a reader wants to see them.
    static let byTrouble: [SLOReport.Status] = [.invalid, .violated, .atRisk, .incomplete, .noData, .met]
}
