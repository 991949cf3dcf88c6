import JSON
import Objectives

/// What a report of a replay's windows takes over from the replay's own report, which saw the records: what it warned of, and by which
/// configuration it counted.
///
/// With 100,000 groups that report has 50 MB: what isn't asked for is passed over. Members may stand in any order.
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
        try cursor.beginArray()
        while try cursor.nextElement() {
            var name = ""
            var warnings: [ReportWarning] = []
            try cursor.beginObject()
            while true {
                if try cursor.nextKeyIs("name") {
                    name = try cursor.string()
                } else if try cursor.nextKeyIs("warnings") {
                    warnings = try ReplayedReport.warnings(&cursor)
                } else {
                    guard try cursor.nextKey() != nil else { break }
                    try cursor.skipValue()
                }
            }
            if warningsOfObjectives[name] == nil { warningsOfObjectives[name] = warnings }
        }
    }

    private mutating func takeMaker(_ cursor: inout JSONCursor) throws(JSONCursorError) {
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
        let text = try optionalString(&cursor) ?? ""
        let isDigest = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isDigest && text.utf8.count == 64 ? text : nil
    }

    private static func optionalString(_ cursor: inout JSONCursor) throws(JSONCursorError) -> String? {
        try cursor.takeNull() ? nil : try cursor.string()
    }

    /// Those that this release knows.
    private static func warnings(_ cursor: inout JSONCursor) throws(JSONCursorError) -> [ReportWarning] {
        var warnings: [ReportWarning] = []
        try cursor.beginArray()
        while try cursor.nextElement() {
            var code: ReportWarning.Code?
            var (subject, text, part): (String?, String?, String?)
            var near: [String] = []
            try cursor.beginObject()
            while let key = try cursor.nextKey() {
                switch key {
                case "code": code = ReportWarning.Code(rawValue: try cursor.string())
                case "subject": subject = try cursor.string()
                case "text": text = try cursor.string()
                case "part": part = try optionalString(&cursor)
                case "near":
                    try cursor.beginArray()
                    while try cursor.nextElement() { near.append(try cursor.string()) }
                default: try cursor.skipValue()
                }
            }
            guard let code, let subject, let text else { continue }
            warnings.append(ReportWarning(code: code, subject: subject, part: part, text: text, near: near))
        }
        return warnings
    }
}
