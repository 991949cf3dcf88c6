import Foundation
import Testing

/// Holds the table of docs/audit.md against what the recorder does with made-up events.
@Suite struct AuditDocumentTests {
    struct Row {
        let field: String
        let attribute: String
        let conversion: String
        let classes: [String]
    }

    static let document: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return (try? String(contentsOf: root.appendingPathComponent("docs/audit.md"), encoding: .utf8)) ?? ""
    }()

    /// The rows of the table whose head begins with "CloudTrail", but for its last, which names no field.
    static func rows() -> [Row] {
        let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.firstIndex(where: { $0.hasPrefix("| CloudTrail |") }) else { return [] }
        return lines[(head + 2)...].prefix { $0.hasPrefix("|") }.compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let field = code(cells[0]), let attribute = code(cells[1]) else { return nil }
            return Row(
                field: field, attribute: attribute, conversion: cells[2],
                classes: cells[3].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
    }

    /// The first text in backticks.
    static func code(_ cell: String) -> String? {
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        return parts.count > 2 ? String(parts[1]) : nil
    }

    /// Every leaf of a value with its path, without the indices of lists.
    static func leaves(_ value: JSONValue, _ path: String = "") -> [(path: String, value: JSONValue)] {
        switch value {
        case .object(let members):
            members.flatMap { leaves($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        case .array(let elements): elements.flatMap { leaves($0, path) }
        default: [(path, value)]
        }
    }

    /// The values at a path, of all elements of the lists on the way.
    static func values(_ value: JSONValue, _ path: ArraySlice<Substring>) -> [JSONValue] {
        if case .array(let elements) = value, !path.isEmpty { return elements.flatMap { values($0, path) } }
        guard let step = path.first else { return [value] }
        return value[String(step)].map { values($0, path.dropFirst()) } ?? []
    }

    static func values(_ value: JSONValue, _ path: String) -> [JSONValue] {
        values(value, path.split(separator: ".")[...])
    }

    /// Whether the attribute holds what the field becomes by the document.
    static func agrees(_ attribute: [JSONValue], with field: JSONValue, _ conversion: String) throws -> Bool {
        switch conversion {
        case "text", "JSON": return attribute == [field]
        case "in a list": return attribute.contains(field)
        case "milliseconds":
            let formatter = ISO8601DateFormatter()
            guard let date = field.text.flatMap(formatter.date) else { return false }
            return attribute == [.integer(Int64(date.timeIntervalSince1970 * 1000))]
        case "truth value":
            return attribute == [.bool(["true", "Yes"].contains(field.text))] || attribute == [field]
        default:
            Issue.record("no conversion is called \(conversion)")
            return false
        }
    }

    static let pairs: [(event: JSONValue, record: JSONValue)] = {
        (MadeUpEvents.all + stripped()).compactMap { text in
            guard let event = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
                let record = try? AuditTrail.record(of: text)
            else { return nil }
            return (event, record)
        }
    }()

    /// Events in which the first choices of an attribute are missing, so that the others show.
    static func stripped() -> [String] {
        let identity = #""userIdentity":{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"userName":"Ops"}}}"#
        return [
            #"{"eventTime":"2026-01-02T03:04:05Z","eventName":"A",\#(identity)}"#,
            """
            {"eventTime":"2026-01-02T03:04:05Z","eventName":"A","userIdentity":{"arn":"arn:a","onBehalfOf":{"userId":"u"}}}
            """,
        ]
    }

    @Test func eachRowIsWhatTheRecorderDoes() throws {
        let rows = AuditDocumentTests.rows()
        #expect(rows.count > 70)
        for row in rows {
            var shown: Set<String> = []
            for (event, record) in AuditDocumentTests.pairs {
                guard let field = AuditDocumentTests.values(event, row.field).first(where: { $0 != .null }),
                    let name = record["class_name"]?.text, row.classes.contains("all") || row.classes.contains(name)
                else { continue }
                let attribute = AuditDocumentTests.values(record, row.attribute)
                if try AuditDocumentTests.agrees(attribute, with: field, row.conversion) { shown.insert(name) }
            }
            let expected = row.classes == ["all"] ? 1 : row.classes.count
            #expect(shown.count >= expected, "\(row.field) is not in \(row.attribute) of \(row.classes)")
        }
    }

    @Test func eachAttributeThatComesFromAFieldHasARow() throws {
        let attributes = Set(AuditDocumentTests.rows().map(\.attribute))
        // What the document says in words.
        let others: Set<String> = [
            "activity_name", "status", "auth_factors.factor_type", "resources.type", "user_result.name",
        ]
        for (event, record) in AuditDocumentTests.pairs {
            let texts = Set(AuditDocumentTests.leaves(event).compactMap(\.value.text))
            for leaf in AuditDocumentTests.leaves(record) {
                guard let text = leaf.value.text, texts.contains(text), !others.contains(leaf.path) else { continue }
                let isKnown =
                    attributes.contains(leaf.path)
                    || ["unmapped.", "observables.", "api.request.data", "api.response.data"].contains {
                        leaf.path.hasPrefix($0)
                    }
                #expect(isKnown, "\(leaf.path) = \(text)")
            }
        }
    }

    @Test func eachFieldIsInTheRecordOrAmongTheUnmapped() throws {
        let fields = Set(AuditDocumentTests.rows().map { $0.field.split(separator: ".")[0] })
        for (event, record) in AuditDocumentTests.pairs {
            for (name, value) in event.members where value != .null {
                let isUnmapped = record["unmapped"]?[name] == value
                #expect(isUnmapped || fields.contains(Substring(name)), "\(name) is nowhere")
            }
        }
    }
}
