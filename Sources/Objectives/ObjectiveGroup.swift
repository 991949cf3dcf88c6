import JSON
import TelemetryModel

/// Which group of an objective with `groupBy` counts are of: each group is an SLO of its own, with its budget, its alerts and its history.
///
/// What is beyond `groupsMax` is one group more, of which each column reads `(other)`. No group of events has that name: a value like it is
/// counted with a pair of parentheses more.
public struct ObjectiveGroup: Hashable, Sendable {
    public static let otherName = "(other)"

    /// The fields that it is grouped by, as they are written in `groupBy`.
    public let columns: [String]
    /// Beside `columns`; `nil` where an event does not have the field.
    public let values: [String?]

    /// Takes as many values as columns.
    public init(columns: [String], values: [String?]) {
        precondition(columns.count == values.count, "a group has a value or none for each column")
        self.columns = columns
        self.values = values
    }

    public static func other(_ columns: [String]) -> ObjectiveGroup {
        ObjectiveGroup(columns: columns, values: columns.map { _ in otherName })
    }

    /// By the values: those of one objective all have the same columns.
    public func hash(into hasher: inout Hasher) {
        for value in values {
            guard let value else {
                hasher.combine(0 as UInt8)
                continue
            }
            // Equal bytes are equal texts.
            hasher.combine(value)
        }
    }

    /// By the bytes, as filters and rollups compare: what Unicode calls equivalent are two groups.
    public static func == (left: ObjectiveGroup, right: ObjectiveGroup) -> Bool {
        left.columns == right.columns && left.values.count == right.values.count
            && zip(left.values, right.values).allSatisfy { isSame($0, $1) }
    }

    private static func isSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one == other && one.utf8.elementsEqual(other.utf8)
    }

    public var isOther: Bool { values.allSatisfy { $0 == ObjectiveGroup.otherName } }

    /// The value of a column, or `nil` where there is none; `nil` in whole where it is no column.
    public subscript(column: String) -> String?? {
        columns.firstIndex(of: column).map { values[$0] }
    }

    /// For people: `dimensions.tenant=acme, region=-`.
    public var text: String {
        zip(columns, values).map { "\($0)=\($1 ?? "-")" }.joined(separator: ", ")
    }

    /// In the key of a record, where no other group has the same: a JSON array.
    var keyText: String {
        var json = JSONWriter()
        write(values: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func write(values json: inout JSONWriter) {
        json.beginArray()
        for value in values { if let value { json.string(value) } else { json.null() } }
        json.endArray()
    }

    /// As an object whose members are the columns, in their order.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        for (column, value) in zip(columns, values) {
            json.key(column)
            if let value { json.string(value) } else { json.null() }
        }
        json.endObject()
    }

    package init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var columns: [String] = []
        var values: [String?] = []
        try cursor.beginObject()
        while let column = try cursor.nextKey() {
            columns.append(column)
            values.append(try cursor.takeNull() ? nil : cursor.string())
        }
        if columns.isEmpty { throw cursor.refusal("a group with a column") }
        self.init(columns: columns, values: values)
    }
}

extension ObjectiveGroup: Comparable {
    /// By the values, those that are missing first, and the group of the others last.
    public static func < (left: ObjectiveGroup, right: ObjectiveGroup) -> Bool {
        for (one, other) in zip(left.values, right.values) {
            guard let one, let other else {
                if one == nil && other == nil { continue }
                return one == nil
            }
            // Nearly always plain bytes, which are compared at once.
            if one == other { continue }
            // What begins otherwise is no group of others.
            let parenthesis = UInt8(ascii: "(")
            if one.utf8.first == parenthesis || other.utf8.first == parenthesis, left.isOther != right.isOther {
                return right.isOther
            }
            return one < other
        }
        let texts = (left.values + left.columns, right.values + right.columns)
        for case (let one?, let other?) in zip(texts.0, texts.1) where !isSame(one, other) {
            return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        return false
    }
}
