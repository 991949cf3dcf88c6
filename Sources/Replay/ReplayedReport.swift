import JSON
import Objectives

/// What a report of a replay's windows takes over from the replay's own report, which saw the records: what it warned of, and by which
/// configuration it counted.
///
/// With 100,000 groups that report has 50 MB: what isn't asked for is passed over, and so is what is of another type than this release writes.
/// Members may stand in any order; of those that are repeated the last counts.
package struct ReplayedReport {
    package private(set) var warnings: [ReportWarning] = []
    /// Of each objective the first entry's.
    package private(set) var warningsOfObjectives: [String: [ReportWarning]] = [:]
    /// SHA-256, as the report says it.
    package private(set) var settingsDigest: String?
    package private(set) var resourcesDigest: String?

    package init(json: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(json)
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "warnings": warnings = try ReplayedReport.warnings(&cursor)
            case "slos": try takeObjectives(&cursor)
            case "made_by": try takeMaker(&cursor)
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
    }

    private mutating func takeObjectives(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        warningsOfObjectives = [:]
        guard try ReplayedReport.takes(.array, &cursor) else { return }
        try cursor.beginArray()
        while try cursor.nextElement() {
            guard try ReplayedReport.takes(.object, &cursor) else { continue }
            var name = ""
            var warnings: [ReportWarning] = []
            try cursor.beginObject()
            while let key = try cursor.nextKey() {
                switch key {
                case "name": name = try ReplayedReport.string(&cursor) ?? ""
                case "warnings": warnings = try ReplayedReport.warnings(&cursor)
                default: try cursor.skipValue()
                }
            }
            if warningsOfObjectives[name] == nil { warningsOfObjectives[name] = warnings }
        }
    }

    private mutating func takeMaker(_ cursor: inout JSONCursor) throws(JSONCursorError) {
        (settingsDigest, resourcesDigest) = (nil, nil)
        guard try ReplayedReport.takes(.object, &cursor) else { return }
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "settings_sha256": settingsDigest = try ReplayedReport.digest(&cursor)
            case "resources_sha256": resourcesDigest = try ReplayedReport.digest(&cursor)
            default: try cursor.skipValue()
            }
        }
    }

    /// A file that anyone may have written: what is no digest is none.
    private static func digest(_ cursor: inout JSONCursor) throws(JSONCursorError) -> String? {
        guard let text = try string(&cursor), text.utf8.count == 64 else { return nil }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } ? text : nil
    }

    /// Those that this release knows.
    private static func warnings(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [ReportWarning] {
        var warnings: [ReportWarning] = []
        guard try takes(.array, &cursor) else { return [] }
        try cursor.beginArray()
        while try cursor.nextElement() {
            guard try takes(.object, &cursor) else { continue }
            var (code, subject, text, part): (String?, String?, String?, String?)
            var near: [String] = []
            try cursor.beginObject()
            while let key = try cursor.nextKey() {
                switch key {
                case "code": code = try string(&cursor)
                case "subject": subject = try string(&cursor)
                case "text": text = try string(&cursor)
                case "part": part = try string(&cursor)
                case "near": near = try strings(&cursor)
                default: try cursor.skipValue()
                }
            }
            guard let code = code.flatMap(ReportWarning.Code.init(rawValue:)), let subject, let text else { continue }
            warnings.append(ReportWarning(code: code, subject: subject, part: part, text: text, near: near))
        }
        return warnings
    }

    private static func strings(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [String] {
        var strings: [String] = []
        guard try takes(.array, &cursor) else { return [] }
        try cursor.beginArray()
        while try cursor.nextElement() { if let text = try string(&cursor) { strings.append(text) } }
        return strings
    }

    private static func string(_ cursor: inout JSONCursor) throws(JSONCursorError) -> String? {
        try takes(.string, &cursor) ? try cursor.string() : nil
    }

    /// Whether the next value is of this kind; one that isn't is passed over.
    private static func takes(_ kind: JSONCursor.ValueKind, _ cursor: inout JSONCursor) throws(JSONCursorError) -> Bool
    {
        if try cursor.kind() == kind { return true }
        try cursor.skipValue()
        return false
    }
}
