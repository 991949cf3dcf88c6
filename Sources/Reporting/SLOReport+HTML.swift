import Objectives
import Text

extension SLOReport {
    /// A page of its own, without scripts or anything loaded from elsewhere.
    public var html: String {
        var text = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>
            :root { color-scheme: light dark; --line: #ccc; --quiet: #666; --good: #0a7a33; --warn: #9a6200; --bad: #b3261e; }
            @media (prefers-color-scheme: dark) {
              :root { --line: #444; --quiet: #aaa; --good: #5fd38a; --warn: #f0b84c; --bad: #ff8a80; }
            }
            body { font-family: system-ui, sans-serif; margin: 1.5em; line-height: 1.4; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            th, td { border-bottom: 1px solid var(--line); padding: 0.3em 0.8em; text-align: right; white-space: nowrap; }
            th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; }
            small { color: var(--quiet); }
            .met { color: var(--good); }
            .at_risk, .incomplete { color: var(--warn); }
            .violated, .invalid { color: var(--bad); font-weight: bold; }
            .no_data { color: var(--quiet); }
            @media print { body { margin: 0; font-size: 9pt; } .scroll { overflow: visible; } tr { break-inside: avoid; } }
            </style>
            </head>
            <body>
            <h1>\(title)</h1>

            """
        if !entries.isEmpty {
            text += "<p>\(summary)</p>\n<div class=\"scroll\">\n<table>\n<thead>\n<tr>"
            text += headers.map { "<th>" + Inert.html($0) + "</th>" }.joined()
            text += "</tr>\n</thead>\n<tbody>\n"
            for entry in byTrouble { text += row(entry) }
            text += "</tbody>\n</table>\n</div>\n"
        }
        let notes = allNotes
        if !notes.isEmpty {
            text += "<ul>\n" + notes.map { "<li>" + Inert.html($0) + "</li>\n" }.joined() + "</ul>\n"
        }
        if let provenance { text += "<footer><small>" + Inert.html(provenance.sentence) + "</small></footer>\n" }
        return text + "</body>\n</html>\n"
    }

    /// The name with what people call it and what was counted below it; the status with its colour.
    private func row(_ entry: Entry) -> String {
        var row = "<tr>"
        for (place, cell) in cells(entry).enumerated() {
            let text = Inert.html(cell)
            switch place {
            case 0:
                let details = [entry.terms.displayName, entry.range].compactMap(\.self).map(Inert.html)
                row += "<td>\(text)" + details.map { "<br><small>\($0)</small>" }.joined() + "</td>"
            case 2: row += "<td class=\"\(entry.status.rawValue)\">\(text)</td>"
            default: row += "<td>\(text)</td>"
            }
        }
        return row + "</tr>\n"
    }
}

extension SLOReport.Entry {
    /// The window, and since when it was counted where that is later; `nil` without data.
    fileprivate var range: String? {
        guard status != .noData else { return nil }
        let window = "\(windowStart) to \(windowEnd)"
        guard let countedSince, countedSince > windowStart else { return window }
        return window + ", counted since \(countedSince)"
    }
}
