import Alerting
import Objectives
import SyntheticEstate
import TelemetryModel

/// What the demo came to, held against what the generator knows: every count to the unit, and one page for each incident.
struct DemoOutcome {
    let ledger: EstateTotals
    /// As they were announced.
    let alerts: [AlertTransition]
    let report: SLOReport

    var objectivesCount: Int { ledger.objectives.count }

    /// What opens and is no ticket wakes somebody.
    private var pages: [Alert] { opened.filter { $0.labels["alert"] != "ticket" } }
    private var tickets: [Alert] { opened.filter { $0.labels["alert"] == "ticket" } }
    private var opened: [Alert] { alerts.map(\.alert).filter { $0.status == .open } }

    private func pages(of incident: ScheduledIncident) -> [Alert] {
        pages.filter { $0.summary.contains(incident.target) }
    }

    /// The incidents and their pages.
    var table: [String] {
        var lines = ["BEGAN     PAGED     PAGES  INCIDENT"]
        for incident in ledger.incidents {
            let pages = pages(of: incident)
            let paged = pages.first.map { DemoOutcome.minute($0.time) } ?? "never"
            lines.append(
                "\(DemoOutcome.minute(incident.start))     \(paged)".padded(to: 25 - "\(pages.count)".count)
                    + "\(pages.count)  \(incident.incident.title)")
        }
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        return lines + [
            "",
            [
                counted(ledger.incidents.count, "incident"), counted(pages.count, "page"),
                counted(tickets.count, "ticket"),
            ].joined(separator: ", "),
        ]
    }

    /// What is not as it should be; empty where all is.
    var differences: [String] {
        var differences: [String] = []
        for (name, count) in ledger.objectives.sorted(by: { $0.key < $1.key }) {
            guard let entry = report.entries.first(where: { $0.terms.name == name }) else {
                differences.append("\(name): not in the report")
                continue
            }
            if entry.good != Int128(count.good) || entry.total != Int128(count.total) {
                differences.append(
                    "\(name): reported \(entry.good) of \(entry.total), the ledger has \(count.good) of \(count.total)")
            }
        }
        for incident in ledger.incidents {
            let count = pages(of: incident).count
            if count != 1 { differences.append("\(incident.incident.title): \(count) pages name \(incident.target)") }
        }
        for page in pages where !ledger.incidents.contains(where: { page.summary.contains($0.target) }) {
            differences.append("a page that names no incident: \(page.summary)")
        }
        return differences
    }

    /// `09:26` of a time.
    private static func minute(_ time: Timestamp) -> String { String("\(time)".dropFirst(11).prefix(5)) }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
