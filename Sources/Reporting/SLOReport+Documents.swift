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
            entry.terms.name, entry.terms.service, entry.status.rawValue, entry.indicatorPercent, entry.targetPercent,
            DurationText.text(entry.terms.window.nanoseconds), entry.remainingPercent,
        ] + ObjectiveLedger.reportedLookbacks.map(entry.burnRateText)
            + [SLOReport.grouped(entry.bad), SLOReport.grouped(entry.total)]
            + (showsUnknown ? [entry.showsUnknown ? SLOReport.grouped(Int128(entry.unknownSlices)) : "-"] : [])
    }

    /// A GitHub-flavoured table, and what it leaves out as a list.
    public var markdown: String {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { SLOReport.escapedMarkdown($0.singleLine) }.joined(separator: " | ") + " |\n"
        }
        var text = "# \(title)\n\n"
        if !entries.isEmpty {
            text += summary + "\n\n" + line(headers)
            text += "|---|---|---|" + String(repeating: "---:|", count: headers.count - 3) + "\n"
            for entry in byTrouble { text += line(cells(entry)) }
        }
        let notes = allNotes
        if !notes.isEmpty {
            text += "\n" + notes.map { "- " + SLOReport.escapedMarkdown($0) + "\n" }.joined()
        }
        return text
    }

    /// RFC 4180, with plain numbers: ratios from 0 to 1, empty where there is no data.
    public var csv: String {
        let headers = [
            "at", "name", "service", "window", "method", "target", "good", "total", "bad", "unknown_slices", "excluded",
            "late_uncounted", "sli", "budget_total", "budget_spent", "budget_remaining_ratio", "burn_rate_1h",
            "burn_rate_6h", "burn_rate_1d", "burn_rate_3d", "status", "inconsistent_slices", "counted_since",
        ]
        var text = headers.joined(separator: ",") + "\r\n"
        for entry in entries {
            var cells = [
                at?.description ?? "", entry.terms.name, entry.terms.service,
                DurationText.text(entry.terms.window.nanoseconds), entry.terms.method.name, entry.terms.target.decimal,
                "\(entry.good)", "\(entry.total)", "\(entry.bad)", "\(entry.unknownSlices)", "\(entry.excluded)",
                "\(entry.lateUncounted)", entry.indicator?.decimal(fractionDigitsMax: 12) ?? "", entry.budget.total,
                entry.budget.spent, entry.budget.remainingRatio ?? "",
            ]
            cells += ObjectiveLedger.reportedLookbacks.map { lookback in
                entry.burnRates.first { $0.lookbackNanoseconds == lookback }?.text ?? ""
            }
            // New columns come last: spreadsheets go by their place.
            cells += [
                entry.status.rawValue, "\(entry.inconsistentSlices)", entry.countedSince?.description ?? "",
            ]
            text += cells.map(SLOReport.quotedCSV).joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func escapedMarkdown(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "|", "`", "*", "_", "[", "]", "<", ">", "&": escaped += "\\" + String(scalar)
            case "\n", "\r": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func quotedCSV(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
