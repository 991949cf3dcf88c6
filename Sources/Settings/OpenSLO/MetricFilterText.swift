import TelemetryModel

/// Writes the filter expression that a `Metric` source's namespace, name and dimensions stand for.
enum MetricFilterText {
    /// A dimension's value that any value matches.
    static let anyValue = "*"

    /// `dimensions` in the order of the file; `nil` leaves them open. Given, they are the exact set: CloudWatch keeps
    /// each combination of dimensions as a metric of its own, and adding one to another would count events twice.
    ///
    /// Without a namespace any will do, and none; the empty one is that of metrics that have none.
    static func text(
        namespace: String?, metricNames: [String], accounts: [String]? = nil, regions: [String]? = nil,
        dimensions: [(name: String, value: String)]?, filter: String?
    ) -> String {
        var terms: [String] = []
        if let namespace {
            terms.append(namespace.isEmpty ? "!has(event.namespace)" : "event.namespace == \(literal(namespace))")
        }
        terms.append(oneOf("event.metric_name", metricNames))
        if let accounts { terms.append(oneOf("event.account_id", accounts)) }
        if let regions { terms.append(oneOf("event.region", regions)) }
        if let dimensions {
            terms.append("size(event.dimensions) == \(dimensions.count)")
            for (name, value) in dimensions {
                // A missing key is an error of evaluation, which makes the filter false. CloudWatch has no empty values.
                let relation = value == anyValue ? "!= \"\"" : "== \(literal(value))"
                terms.append("event.dimensions[\(literal(name))] \(relation)")
            }
        }
        if let filter { terms.append("(\(filter))") }
        return terms.joined(separator: " && ")
    }

    private static func oneOf(_ field: String, _ values: [String]) -> String {
        values.count == 1
            ? "\(field) == \(literal(values[0]))" : "\(field) in [\(values.map(literal).joined(separator: ", "))]"
    }

    /// A string literal of the expression language that means exactly `text`.
    static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
