import Objectives
import TelemetryModel
import Text

/// Reads one YAML node as a typed value; reports what is wrong with it, and goes on.
///
/// Every method answers `nil` after it has reported, so a caller only has to leave out what it could not read. A value
/// made of parts may come out incomplete that way; whoever asked for the whole drops it when problems were reported.
package struct NodeReader {
    let node: YAMLNode
    /// From the document's root: `spec.objectives[0].target`.
    let path: String
    let file: String
    let log: ProblemLog
    /// Values of `${NAME}`; `nil` where such references have no meaning, as in resources.
    let environment: [String: String]?

    init(node: YAMLNode, path: String, file: String, log: ProblemLog, environment: [String: String]? = nil) {
        self.node = node
        self.path = path
        self.file = file
        self.log = log
        self.environment = environment
    }

    package func report(_ message: String, _ suggestion: String) {
        log.report(file: file, mark: node.mark, path: path, message: message, suggestion: suggestion)
    }

    /// Says what the configuration may well mean, but what its author should know.
    func warn(_ message: String, _ suggestion: String) {
        log.report(
            file: file, mark: node.mark, path: path, message: message, suggestion: suggestion, isWarning: true)
    }

    /// The value for a message: as it is written where it refers to the environment, which may hold a secret.
    func shown(_ text: String) -> String {
        guard environment != nil, let scalar, scalar.contains("${") else { return YAMLNode.shortened(text) }
        return YAMLNode.shortened(scalar)
    }

    func quoted(_ text: String) -> String { "\"\(shown(text))\"" }

    /// What stands here in place of a mapping or a list. In settings it may be a secret in the wrong place.
    private var found: String {
        if environment != nil, case .scalar = node.content { return "text" }
        return node.kindDescription
    }

    func child(_ node: YAMLNode, _ step: String) -> NodeReader {
        NodeReader(node: node, path: path + step, file: file, log: log, environment: environment)
    }

    /// The text of a scalar as it stands; `nil` for anything else, without a report.
    var scalar: String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return scalar.text
    }

    /// The text of a scalar, references to the environment resolved.
    func string() -> String? {
        scalarText(expected: "text")
    }

    package func nonEmptyString() -> String? {
        guard let text = scalarText(expected: "text") else { return nil }
        if text.isEmpty {
            report("the value is empty", "write a value")
            return nil
        }
        return text
    }

    package func bool() -> Bool? {
        guard let text = scalarText(expected: "true or false") else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default:
            report("\(quoted(text)) is neither true nor false", "write true or false")
            return nil
        }
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        let expected =
            range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        guard let text = scalarText(expected: "a whole number") else { return nil }
        guard let value = Int(text) else {
            report("\(quoted(text)) is not a whole number", "write a whole number, \(expected)")
            return nil
        }
        guard range.contains(value) else {
            report("\(shown(text)) is out of range", "write a whole number, \(expected)")
            return nil
        }
        return value
    }

    /// A finite number.
    func double() -> Double? {
        guard let text = scalarText(expected: "a number") else { return nil }
        guard let value = Double(text), value.isFinite, !text.contains(where: { "xXpP".contains($0) }) else {
            report("\(quoted(text)) is not a number", "write a number such as 0.5 or 200")
            return nil
        }
        return value
    }

    /// A number between bounds; the caller says in words what they are.
    func double(_ requirement: String, where isValid: (Double) -> Bool) -> Double? {
        guard let value = double() else { return nil }
        guard isValid(value) else {
            report("\(shown("\(value)")) is out of range", "write a number \(requirement)")
            return nil
        }
        return value
    }

    /// A decimal number, exactly as it is written.
    func decimal() -> Ratio? {
        guard let text = scalarText(expected: "a number") else { return nil }
        guard let value = Ratio(decimal: text) else {
            report(
                "\(quoted(text)) is not a decimal number with at most 18 digits",
                "write a number such as 0.999")
            return nil
        }
        return value
    }

    /// In nanoseconds; at least `minimum`.
    func duration(minimum: Int64 = 1_000_000, maximum: Int64 = .max, example: String = "5m") -> Int64? {
        guard let text = scalarText(expected: "a duration") else { return nil }
        do {
            let value = try DurationText.nanoseconds(text, finest: 1_000_000)
            guard value >= minimum else {
                report(
                    "\(shown(text)) is too short",
                    "write a duration of at least \(DurationText.text(minimum)), such as \(example)")
                return nil
            }
            guard value <= maximum else {
                report(
                    "\(shown(text)) is too long",
                    "write a duration of at most \(DurationText.text(maximum)), such as \(example)")
                return nil
            }
            return value
        } catch {
            let quoted = quoted(text)
            switch error {
            case .malformed:
                report(
                    "\(quoted) is not a duration", "write a whole number and ms, s, m, h, d or w, such as \(example)")
            case .calendarUnit:
                report(
                    "\(quoted) is in months, quarters or years, which have no fixed length",
                    "write days or weeks, such as 30d")
            case .tooLong:
                report("\(quoted) is too long", "write a duration below 292 years, such as \(example)")
            }
            return nil
        }
    }

    /// A number of bytes: `1048576`, `512KiB`, `64MiB`, `1GiB`.
    func byteCount(in range: ClosedRange<Int>) -> Int? {
        guard let text = scalarText(expected: "a number of bytes") else { return nil }
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        let unit = units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.utf8.count ?? 0)
        guard let number = Int(digits), number >= 0 else {
            report("\(quoted(text)) is not a number of bytes", "write one such as 64MiB")
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (unit?.1 ?? 0))
        guard !overflow, range.contains(bytes) else {
            report(
                "\(shown(text)) is out of range",
                "write \(range.lowerBound) to \(range.upperBound) bytes, such as 64MiB")
            return nil
        }
        return bytes
    }

    /// Text that no message shows.
    func secret() -> Secret? {
        guard case .scalar = node.content else {
            report("expected text, found something else", "write text, or ${NAME}")
            return nil
        }
        return nonEmptyString().map(Secret.init)
    }

    /// One of an enumeration's raw values, in the case as they are written.
    func choice<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue)
        guard let text = choice(of: names) else { return nil }
        return Choice(rawValue: text)
    }

    /// One of the names given, in the case as they are written.
    func choice(of names: [String]) -> String? {
        guard let text = scalarText(expected: "one of: \(names.joined(separator: ", "))") else { return nil }
        guard names.contains(text) else {
            report(
                "\(quoted(text)) is none of: \(names.joined(separator: ", "))",
                EditDistance.nearest(to: text, among: names).map { "did you mean \"\($0)\"?" } ?? "write one of them")
            return nil
        }
        return text
    }

    /// The elements of a list.
    func list() -> [NodeReader]? {
        guard case .sequence(let elements) = node.content else {
            report("expected a list, found \(found)", "write a list: [a, b], or a line \"- …\" for each")
            return nil
        }
        return elements.enumerated().map { child($1, "[\($0)]") }
    }

    package func mapping() -> MappingReader? {
        guard case .mapping(let entries) = node.content else {
            report("expected a mapping, found \(found)", "write keys and values: \"key: value\"")
            return nil
        }
        return MappingReader(self, entries)
    }

    /// A mapping that describes something or refers to it by the key `reference`; a bare name is told how to be written.
    package func mapping(orReference reference: String) -> MappingReader? {
        guard environment == nil, case .scalar(let scalar) = node.content else { return mapping() }
        let name = YAMLNode.shortened(scalar.text)
        report("expected a mapping, found \"\(name)\"", "write {\(reference): \(name)}")
        return nil
    }

    /// The raw text of a scalar. `expected` completes "expected …, found …".
    private func scalarText(expected: String) -> String? {
        guard case .scalar(let scalar) = node.content else {
            report("expected \(expected), found \(node.kindDescription)", "write \(expected) here")
            return nil
        }
        guard let environment else { return scalar.text }
        var missing: [String] = []
        guard let text = EnvironmentReference.resolved(scalar.text, from: environment, missing: &missing) else {
            report(
                // Without the value, which may be a secret.
                "the value holds a reference to the environment that is not closed or not named",
                "write ${NAME}, or $${ for the characters themselves")
            return nil
        }
        for name in missing {
            report(
                "the environment variable \(name) is not set", "set \(name), or write the value in place of ${\(name)}")
        }
        return missing.isEmpty ? text : nil
    }
}
