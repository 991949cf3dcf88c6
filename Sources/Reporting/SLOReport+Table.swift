import Objectives
import TelemetryModel
import Text

extension SLOReport {
    /// The report as plain text for a terminal: a line for each objective, the most troubled first, a line that adds them
    /// up, and what the columns leave out.
    ///
    /// No line of the table is wider than `width`: columns that do not fit are left out, which is said, and where not even
    /// status, SLI and budget fit beside the names, each name has a line of its own. Percentages are rounded down: 100 % means all.
    /// `isColoured` marks the status with ANSI colours.
    public func table(width: Int? = nil, isColoured: Bool = false) -> String {
        var text = title + "\n\n"
        if !entries.isEmpty {
            let (rows, omitted) = rows(width: width, isColoured: isColoured)
            text += rows
            if !omitted.isEmpty {
                let names = omitted.reversed().joined(separator: ", ")
                text += SLOReport.wrapped("(too narrow for \(names); --format json has all)", width: width) + "\n"
            }
            text += "\n" + summary + "\n"
        }
        let notes = allNotes.map { SLOReport.wrapped($0, width: width) }
        if !notes.isEmpty { text += "\n" + notes.joined(separator: "\n") + "\n" }
        if let provenance { text += "\n" + SLOReport.wrapped(provenance.sentence, width: width) + "\n" }
        return text
    }

    /// The table, of as many columns as fit, and the line that adds it up: the report for who wants to see where trouble is.
    public func overview(width: Int? = nil, isColoured: Bool = false) -> String {
        rows(width: width, isColoured: isColoured).text + "\n" + summary + "\n"
    }

    private func rows(width: Int?, isColoured: Bool) -> (text: String, omitted: [String]) {
        let sorted = byTrouble
        var columns = TableColumn.all(of: sorted)
        func widths(_ columns: [TableColumn]) -> [Int] {
            columns.map { column in sorted.reduce(column.header.count) { max($0, column.cell($1).count) } }
        }
        func isTooWide(_ columns: [TableColumn]) -> Bool {
            width.map { widths(columns).reduce(2 * (columns.count - 1), +) > $0 } ?? false
        }
        var omitted: [String] = []
        while isTooWide(columns), let least = columns.indices.min(by: { columns[$0].rank < columns[$1].rank }),
            columns[least].rank < TableColumn.kept
        {
            omitted.append(columns.remove(at: least).header)
        }
        let isStacked = isTooWide(columns)
        let lines = isStacked ? columns.dropFirst().map(\.self) : columns
        let lineWidths = widths(lines)
        func line(_ cell: (TableColumn) -> String, _ status: Status?) -> String {
            var line = ""
            for (place, column) in lines.enumerated() {
                let text = cell(column)
                let padding = String(repeating: " ", count: max(0, lineWidths[place] - text.count))
                let shown = isColoured && column.isStatus ? status.map { SLOReport.coloured(text, $0) } ?? text : text
                line += (place == 0 ? "" : "  ") + (column.isText ? shown + padding : padding + shown)
            }
            return line + "\n"
        }
        var text = (isStacked ? "  " : "") + line(\.header, nil)
        for entry in sorted {
            if isStacked {
                text += SLOReport.shortened(Inert.line(entry.title), to: max(12, width ?? .max)) + "\n  "
            }
            text += line({ $0.cell(entry) }, entry.status)
        }
        return (text, omitted)
    }

    /// Of a group, whose values may be long.
    fileprivate static let titleMax = 100

    fileprivate static func shortened(_ name: String, to width: Int) -> String {
        guard name.count > width else { return name }
        let kept = width - 1
        return name.prefix(kept - kept / 2) + "…" + name.suffix(kept / 2)
    }

    private static func coloured(_ text: String, _ status: Status) -> String {
        let colour: TerminalColour =
            switch status {
            case .met: .green
            case .atRisk: .yellow
            case .violated, .invalid: .red
            case .incomplete: .cyan
            case .noData: .faint
            }
        return colour.text(text)
    }

    /// Broken at spaces, the lines after the first indented.
    private static func wrapped(_ text: String, width: Int?) -> String {
        guard let width, width > 20, text.count > width else { return text }
        return WrappedText.lines(text, width: width).joined(separator: "\n")
    }
}

/// A column of the table for a terminal.
private struct TableColumn {
    var header: String
    /// Those of the lowest rank are left out first; from `kept` on they stay.
    var rank: Int
    var isText = false
    var isStatus = false
    var cell: (SLOReport.Entry) -> String

    static let kept = 100

    static func all(of entries: [SLOReport.Entry]) -> [TableColumn] {
        var columns = [
            TableColumn(header: "SLO", rank: kept, isText: true) {
                SLOReport.shortened(Inert.line($0.title), to: SLOReport.titleMax)
            },
            TableColumn(header: "STATUS", rank: kept, isText: true, isStatus: true) { $0.statusText },
            TableColumn(header: "SLI", rank: kept) { $0.indicatorPercent },
            TableColumn(header: "TARGET", rank: 7) { $0.targetPercent },
            TableColumn(header: "WINDOW", rank: 5) { $0.terms.window.text },
            TableColumn(header: "LEFT", rank: kept) { $0.remainingPercent },
        ]
        for (place, lookback) in ObjectiveLedger.reportedLookbacks.enumerated() {
            columns.append(
                TableColumn(header: DurationText.text(lookback), rank: place == 0 ? 8 : 4 - place) {
                    $0.burnRateText(lookback)
                })
        }
        columns.append(TableColumn(header: "BAD", rank: 10) { SLOReport.grouped($0.bad) })
        columns.append(TableColumn(header: "TOTAL", rank: 9) { SLOReport.grouped($0.total) })
        if entries.contains(where: \.showsUnknown) {
            columns.append(
                TableColumn(header: "UNKNOWN", rank: 6) {
                    $0.showsUnknown ? SLOReport.grouped(Int128($0.unknownSlices)) : "-"
                })
        }
        return columns
    }
}

extension SLOReport.Entry {
    var indicatorPercent: String { SLOReport.percent(indicator, fractionDigits: 3) }
    var remainingPercent: String { SLOReport.percent(remaining, fractionDigits: 1) }
    var targetPercent: String {
        ExactFraction(Int128(terms.target.numerator) * 100, Int128(terms.target.denominator))
            .decimal(fractionDigitsMax: 20) + "%"
    }

    /// `-` where the window does not reach so far, or holds no data.
    func burnRateText(_ lookback: Int64) -> String {
        guard let burnRate = burnRates.first(where: { $0.lookbackNanoseconds == lookback }) else { return "-" }
        return burnRate.fraction?.decimal(fractionDigitsMax: 2) ?? (burnRate.bad > 0 ? "inf" : "-")
    }

    /// Whether slices without data say anything: of Occurrences they do not.
    var showsUnknown: Bool {
        if case .occurrences = terms.method { return false }
        return unknownSlices > 0
    }

    /// Marked where the resources know no such SLO.
    var statusText: String { status.rawValue + (isUnknown ? " (unknown)" : "") }

    /// What the table's columns leave out.
    var notes: [String] {
        var notes = warnings.map(\.line)
        if status == .incomplete {
            let since =
                countedSince.map { "counted since \($0), the window began \(windowStart)" } ?? "nothing is known"
            notes.append(
                "\(title): incomplete, \(since)" + (showsUnknown ? ", slices without data are unknown" : ""))
        }
        if !worst.isEmpty {
            let slices = worst.map {
                let bad = SLOReport.grouped(Int128($0.total) - Int128($0.good))
                return "\($0.start) \(bad) of \(SLOReport.grouped(Int128($0.total))) bad"
            }
            notes.append("\(title): worst \(slices.prefix(3).joined(separator: ", "))")
        }
        if isWidened {
            notes.append(
                "\(title): counted from \(windowStart) to \(windowEnd), by the sums that are kept of old slices")
        }
        for gap in gaps { notes.append("\(title): not counted, gone before it was read: \(gap)") }
        if inconsistentSlices > 0 {
            notes.append(
                "\(title): invalid, good or bad exceeds total in "
                    + "\(SentenceNumber.counted(inconsistentSlices, "slice")), in no sum; "
                    + "select good and bad from what total selects")
        }
        if lateUncounted > 0 {
            notes.append(
                "\(title): \(SentenceNumber.counted(lateUncounted, "record")) came too late to be counted")
        }
        return notes
    }
}

extension SLOReport {
    /// A percentage rounded down, so that only what is whole reads as 100 %.
    static func percent(_ fraction: ExactFraction?, fractionDigits: Int) -> String {
        guard let fraction else { return "-" }
        return fraction.multiplied(by: Ratio(100, 1)).decimal(fractionDigitsMax: fractionDigits, rounding: .down) + "%"
    }
}
