extension SLOReport {
    /// The report as plain text for a terminal, a line for each objective and the worst slices below.
    ///
    /// Names are shortened in their middle so that no line of the table is wider than `width` columns (80 at least); without a
    /// width they stand in full. Percentages are rounded down: 100 % means all. `isColoured` marks the status with ANSI colours.
    public func table(width: Int? = nil, isColoured: Bool = false) -> String {
        let headers = ["SLO", "STATUS", "SLI", "TARGET", "WINDOW", "LEFT", "1h", "6h", "1d", "3d", "BAD", "TOTAL"]
        var rows = entries.map { entry in
            [
                entry.terms.name, entry.status.rawValue, entry.indicatorPercent, entry.targetPercent,
                DurationText.text(entry.terms.window.nanoseconds), entry.remainingPercent,
            ] + ObjectiveLedger.reportedLookbacks.map(entry.burnRateText) + ["\(entry.bad)", "\(entry.total)"]
        }
        var widths = headers.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        let others = widths[1...].reduce(0, +) + 2 * (widths.count - 1)
        if let width { widths[0] = min(widths[0], max(12, max(80, width) - others)) }
        for row in rows.indices { rows[row][0] = SLOReport.shortened(rows[row][0], to: widths[0]) }
        var text = "SLO report at \(at)\n\n" + SLOReport.line(headers, widths) + "\n"
        for (row, entry) in zip(rows, entries) {
            let line = SLOReport.line(row, widths)
            text += (isColoured ? SLOReport.coloured(line, entry.status) : line) + "\n"
        }
        let notes = entries.flatMap(\.notes)
        if !notes.isEmpty { text += "\n" + notes.joined(separator: "\n") + "\n" }
        return text
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: max(0, widths[column] - cell.count))
            // Names and statuses start at the left; numbers end at the right.
            line += (column == 0 ? "" : "  ") + (column < 2 ? cell + padding : padding + cell)
        }
        return line
    }

    private static func shortened(_ name: String, to width: Int) -> String {
        guard name.count > width else { return name }
        let kept = width - 1
        return name.prefix(kept - kept / 2) + "…" + name.suffix(kept / 2)
    }

    private static func coloured(_ line: String, _ status: Status) -> String {
        let code =
            switch status {
            case .met: "32"
            case .atRisk: "33"
            case .violated: "31"
            case .noData: "2"
            }
        guard let range = line.firstRange(of: " \(status.rawValue) ") else { return line }
        return line[..<range.lowerBound] + " \u{1B}[\(code)m\(status.rawValue)\u{1B}[0m " + line[range.upperBound...]
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
        return burnRate.fraction?.decimal(fractionDigitsMax: 2) ?? (burnRate.total > 0 ? "inf" : "-")
    }

    /// What the table's columns leave out.
    var notes: [String] {
        var notes: [String] = []
        if !worst.isEmpty {
            let slices = worst.map { "\($0.start) \(Int128($0.total) - Int128($0.good)) of \($0.total) bad" }
            notes.append("\(terms.name): worst \(slices.prefix(3).joined(separator: ", "))")
        }
        if isWidened {
            notes.append("\(terms.name): counted from \(windowStart) to \(windowEnd), by the hours that are kept")
        }
        for gap in gaps { notes.append("\(terms.name): not counted, gone before it was read: \(gap)") }
        if excluded > 0 { notes.append("\(terms.name): \(excluded) records left out by maintenance windows") }
        if lateUncounted > 0 { notes.append("\(terms.name): \(lateUncounted) records came too late to be counted") }
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
