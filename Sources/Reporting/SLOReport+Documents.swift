import Objectives
import TelemetryModel
import Text

// The report for documents and spreadsheets: the same columns as Markdown, HTML and CSV.

extension SLOReport {
    private var showsUnknown: Bool { entries.contains(where: \.showsUnknown) }

    var headers: [String] {
        [
            "SLO", "Service", "Status", "SLI", "Target", "Window", "Budget left", "Burn 1h", "6h", "1d", "3d", "Bad",
            "Total",
        ] + (showsUnknown ? ["Unknown"] : [])
    }

    func cells(_ entry: Entry) -> [String] {
        [
            entry.title, entry.terms.service, entry.statusText, entry.indicatorPercent, entry.targetPercent,
            entry.terms.window.text, entry.remainingPercent,
        ] + ObjectiveLedger.reportedLookbacks.map(entry.burnRateText)
            + [SLOReport.grouped(entry.bad), SLOReport.grouped(entry.total)]
            + (showsUnknown ? [entry.showsUnknown ? SLOReport.grouped(Int128(entry.unknownSlices)) : "-"] : [])
    }

    /// A GitHub-flavoured table, and what it leaves out as a list.
    public var markdown: String {
        func line(_ cells: [String]) -> String {
            "| " + cells.map(Inert.markdown).joined(separator: " | ") + " |\n"
        }
        var text = "# \(title)\n\n"
        if !entries.isEmpty {
            text += summary + "\n\n" + line(headers)
            text += "|---|---|---|" + String(repeating: "---:|", count: headers.count - 3) + "\n"
            for entry in byTrouble { text += line(cells(entry)) }
        }
        let notes = allNotes
        if !notes.isEmpty {
            text += "\n" + notes.map { "- " + Inert.markdown($0) + "\n" }.joined()
        }
        if let provenance { text += "\n" + Inert.markdown(provenance.sentence) + "\n" }
        return text
    }

    /// RFC 4180, with plain numbers: ratios from 0 to 1, empty where there is no data. Names are cells that no spreadsheet computes; the
    /// rest are numbers, times and words of our own.
    public var csv: String {
        let headers = [
            "at", "name", "service", "window", "method", "target", "good", "total", "bad", "unknown_slices", "excluded",
            "late_uncounted", "sli", "budget_total", "budget_spent", "budget_remaining_ratio", "burn_rate_1h",
            "burn_rate_6h", "burn_rate_1d", "burn_rate_3d", "status", "inconsistent_slices", "counted_since", "note",
        ]
        let hasGroups = entries.contains { $0.terms.group != nil }
        var text = (headers + (hasGroups ? ["group"] : [])).joined(separator: ",") + "\r\n"
        for entry in entries {
            // Nothing is excluded on purpose; its column stays, because spreadsheets go by places.
            var cells = [
                at?.description ?? "", Inert.csv(entry.terms.name), Inert.csv(entry.terms.service),
                entry.terms.window.text, entry.terms.method.name, entry.terms.target.decimal,
                "\(entry.good)", "\(entry.total)", "\(entry.bad)", "\(entry.unknownSlices)", "0",
                "\(entry.lateUncounted)", entry.indicator?.decimal(fractionDigitsMax: 12) ?? "", entry.budget.total,
                entry.budget.spent, entry.budget.remainingRatio ?? "",
            ]
            cells += ObjectiveLedger.reportedLookbacks.map { lookback in
                entry.burnRates.first { $0.lookbackNanoseconds == lookback }?.text ?? ""
            }
            // New columns come last: spreadsheets go by their place.
            cells += [
                entry.status.rawValue, "\(entry.inconsistentSlices)", entry.countedSince?.description ?? "",
                entry.isUnknown ? "unknown" : "",
            ]
            if hasGroups { cells.append(entry.terms.group.map { Inert.csv($0.text) } ?? "") }
            text += cells.joined(separator: ",") + "\r\n"
        }
        return text
    }
}
