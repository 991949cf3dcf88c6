import TelemetryModel

// The report for documents and spreadsheets: the same columns as Markdown, HTML and CSV.

extension SLOReport {
    private static let headers = [
        "SLO", "Service", "Status", "SLI", "Target", "Window", "Budget left", "Burn 1h", "6h", "1d", "3d", "Bad",
        "Total",
    ]

    private func cells(_ entry: Entry) -> [String] {
        [
            entry.terms.name, entry.terms.service, entry.status.rawValue, entry.indicatorPercent, entry.targetPercent,
            DurationText.text(entry.terms.window.nanoseconds), entry.remainingPercent,
        ] + ObjectiveLedger.reportedLookbacks.map(entry.burnRateText) + ["\(entry.bad)", "\(entry.total)"]
    }

    /// A GitHub-flavoured table, and what it leaves out as a list.
    public var markdown: String {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { SLOReport.escapedMarkdown($0) }.joined(separator: " | ") + " |\n"
        }
        var text = "# SLO report at \(at)\n\n" + line(SLOReport.headers)
        text += "|---|---|---|" + String(repeating: "---:|", count: SLOReport.headers.count - 3) + "\n"
        for entry in entries { text += line(cells(entry)) }
        let notes = entries.flatMap(\.notes)
        if !notes.isEmpty {
            text += "\n" + notes.map { "- " + SLOReport.escapedMarkdown($0) + "\n" }.joined()
        }
        return text
    }

    /// A page of its own, without scripts or anything loaded from elsewhere.
    public var html: String {
        func row(_ tag: String, _ cells: [String]) -> String {
            "<tr>" + cells.map { "<\(tag)>" + SLOReport.escapedHTML($0) + "</\(tag)>" }.joined() + "</tr>\n"
        }
        var text = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>SLO report at \(at)</title>
            <style>
            body { font-family: sans-serif; margin: 2em; }
            table { border-collapse: collapse; }
            th, td { border-bottom: 1px solid #ccc; padding: 0.3em 0.8em; text-align: right; }
            th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
            </style>
            </head>
            <body>
            <h1>SLO report at \(at)</h1>
            <table>

            """
        text += "<thead>\n" + row("th", SLOReport.headers) + "</thead>\n<tbody>\n"
        for entry in entries { text += row("td", cells(entry)) }
        text += "</tbody>\n</table>\n"
        let notes = entries.flatMap(\.notes)
        if !notes.isEmpty {
            text += "<ul>\n" + notes.map { "<li>" + SLOReport.escapedHTML($0) + "</li>\n" }.joined() + "</ul>\n"
        }
        return text + "</body>\n</html>\n"
    }

    /// RFC 4180, with plain numbers: ratios from 0 to 1, empty where there is no data.
    public var csv: String {
        let headers = [
            "at", "name", "service", "window", "method", "target", "good", "total", "bad", "unknown_slices", "excluded",
            "late_uncounted", "sli", "budget_total", "budget_spent", "budget_remaining_ratio", "burn_rate_1h",
            "burn_rate_6h", "burn_rate_1d", "burn_rate_3d", "status",
        ]
        var text = headers.joined(separator: ",") + "\r\n"
        for entry in entries {
            var cells = [
                at.description, entry.terms.name, entry.terms.service,
                DurationText.text(entry.terms.window.nanoseconds), entry.terms.method.name, entry.terms.target.decimal,
                "\(entry.good)", "\(entry.total)", "\(entry.bad)", "\(entry.unknownSlices)", "\(entry.excluded)",
                "\(entry.lateUncounted)", entry.indicator?.decimal(fractionDigitsMax: 12) ?? "", entry.budget.total,
                entry.budget.spent, entry.budget.remainingRatio ?? "",
            ]
            cells += ObjectiveLedger.reportedLookbacks.map { lookback in
                entry.burnRates.first { $0.lookbackNanoseconds == lookback }?.text ?? ""
            }
            cells.append(entry.status.rawValue)
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

    private static func escapedHTML(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
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
