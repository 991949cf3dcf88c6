import JSON
import Text

/// The members that say what an objective promises as they stand in JSON, before anything is believed.
package struct ObjectiveTermFields {
    package private(set) var name: String?
    private var displayName: String?
    private var service: String?
    private var window: String?
    private var method: String?
    private var timesliceTarget: String?
    private var timesliceWindow: String?
    private var target: String?
    private var definitionText: String?
    private var adopts = false
    private var group: ObjectiveGroup?
    private var foldedFrom: [Int64] = []

    package init() {}

    /// Whether a member of that name is one of these.
    package static func isMember(_ key: String) -> Bool {
        switch key {
        case "name", "display_name", "service", "window", "method", "timeslice_target", "timeslice_window", "target",
            "definition", "adopts", "group", "folded_from":
            true
        default: false
        }
    }

    /// Reads the value of a member that is one of these.
    package mutating func read(_ key: String, from cursor: inout JSONCursor) throws(JSONCursorError) {
        switch key {
        case "name": name = try cursor.string()
        case "display_name": displayName = try cursor.takeNull() ? nil : cursor.string()
        case "service": service = try cursor.string()
        case "window": window = try cursor.string()
        case "method": method = try cursor.string()
        case "timeslice_target": timesliceTarget = try cursor.takeNull() ? nil : cursor.sourceText()
        case "timeslice_window": timesliceWindow = try cursor.takeNull() ? nil : cursor.string()
        case "definition": definitionText = try cursor.string()
        case "adopts": adopts = try cursor.bool()
        case "folded_from": try cursor.integers(into: &foldedFrom)
        case "group": group = try ObjectiveGroup(reading: &cursor)
        default: target = try cursor.sourceText()
        }
    }

    /// `nil` where it isn't said.
    package func definition() throws(WindowRecordError) -> DefinitionFingerprint? {
        guard let definitionText else { return nil }
        guard let definition = DefinitionFingerprint(definitionText) else {
            throw .invalid(field: "definition", value: definitionText, expected: "sixteen hexadecimal digits")
        }
        return definition
    }

    /// Whether there is more than a name and a definition.
    package var areTerms: Bool { service != nil || window != nil || method != nil || target != nil }

    /// - Parameter sliceLength: where the method's own is left out.
    package func terms(sliceLength: String?) throws(WindowRecordError) -> ObjectiveTerms {
        func required(_ field: String, _ value: String?) throws(WindowRecordError) -> String {
            guard let value else { throw .malformed("\(field) is missing") }
            return value
        }
        var terms = ObjectiveTerms(
            name: try required("name", name), displayName: displayName, service: try required("service", service),
            window: try ObjectiveTermFields.window(try required("window", window)),
            method: try budgetingMethod(try required("method", method), sliceLength: sliceLength),
            target: try ObjectiveTermFields.ratio("target", try required("target", target)),
            definition: try definition())
        terms.adoptsUnbound = adopts && terms.definition != nil
        terms.group = group
        if !foldedFrom.isEmpty {
            guard foldedFrom.count == 2 else { throw .malformed("folded_from is no offset and place") }
            terms.foldedFrom = FoldPoint(offset: foldedFrom[0], place: Int(foldedFrom[1]))
        }
        return terms
    }

    private func budgetingMethod(
        _ name: String, sliceLength: String?
    ) throws(WindowRecordError) -> BudgetingMethod {
        func length() throws(WindowRecordError) -> Int64 {
            guard let text = timesliceWindow ?? sliceLength else { throw .malformed("timeslice_window is missing") }
            return try ObjectiveTermFields.duration("timeslice_window", text)
        }
        switch name {
        case "Occurrences": return .occurrences
        case "Timeslices":
            return .timeslices(
                target: try ObjectiveTermFields.ratio("timeslice_target", timesliceTarget ?? "1"),
                windowNanoseconds: try length())
        case "RatioTimeslices": return .ratioTimeslices(windowNanoseconds: try length())
        default:
            throw .invalid(field: "method", value: name, expected: "Occurrences, Timeslices or RatioTimeslices")
        }
    }

    private static func window(_ text: String) throws(WindowRecordError) -> ComplianceWindow {
        guard let window = ComplianceWindow(text) else { throw noDuration("window", text) }
        return window
    }

    private static func duration(_ field: String, _ text: String) throws(WindowRecordError) -> Int64 {
        guard let nanoseconds = try? DurationText.nanoseconds(text), nanoseconds >= SliceGrid.lengthNanosecondsMin
        else { throw noDuration(field, text) }
        return nanoseconds
    }

    private static func noDuration(_ field: String, _ text: String) -> WindowRecordError {
        .invalid(field: field, value: text, expected: "a duration such as 30d, of a second or more")
    }

    private static func ratio(_ field: String, _ text: String) throws(WindowRecordError) -> Ratio {
        guard let ratio = Ratio(decimal: text), ratio >= .zero, ratio <= .one else {
            throw .invalid(field: field, value: text, expected: "a ratio from 0 to 1")
        }
        return ratio
    }
}
