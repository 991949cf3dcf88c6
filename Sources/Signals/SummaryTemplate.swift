import TelemetryModel
import Text

/// An alert's sentence with `{column}` in it, parsed once.
struct SummaryTemplate: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text(String)
        case groupColumn(Int)
        case measure(Int)
        /// The value watched.
        case value
    }

    let parts: [Part]

    /// `{value}` is the value watched also where a measure has that name.
    /// - Throws: a problem for a brace that is not closed and for a name that is no column.
    init(_ template: String, groupColumns: [String], measures: [String]) throws(AnomalyMonitorProblem) {
        var parts: [Part] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            let offset = template.utf8.distance(from: template.startIndex, to: open)
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw AnomalyMonitorProblem(
                    key: "alert.summary", message: "this '{' has no closing '}'", utf8Offset: offset)
            }
            let name = String(rest[rest.index(after: open)..<close])
            if name == "value" {
                parts.append(.value)
            } else if let column = groupColumns.firstIndex(of: name) {
                parts.append(.groupColumn(column))
            } else if let measure = measures.firstIndex(of: name) {
                parts.append(.measure(measure))
            } else {
                let names = groupColumns + measures + ["value"]
                let hint =
                    EditDistance.nearest(to: name, among: names).map { "did you mean {\($0)}?" }
                    ?? "there are \(names.map { "{\($0)}" }.joined(separator: ", "))"
                throw AnomalyMonitorProblem(
                    key: "alert.summary", message: "the rollup has no column '\(name)'; \(hint)", utf8Offset: offset)
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// The sentence for one observation; a group column without a value reads `-`.
    func text(group: [String?], measures: [Double], value: Double) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let part): text += part
            case .groupColumn(let column): text += column < group.count ? group[column] ?? "-" : "-"
            case .measure(let measure):
                text += measure < measures.count ? SummaryTemplate.number(measures[measure]) : "-"
            case .value: text += SummaryTemplate.number(value)
            }
        }
        return text
    }

    /// Whole numbers as they are, because they may be counts, others with three significant digits.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "-" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return SentenceNumber.rounded(value)
    }
}
