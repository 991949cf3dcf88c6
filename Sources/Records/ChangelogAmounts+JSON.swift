import Accounting
import Aggregation
import JSON
import Objectives
import TelemetryModel

extension ChangelogAmounts.ObjectiveAmounts {
    /// Where it has groups `"columns":["dimensions.tenant"],"groups":[{"group":["acme"],"slices":…},…]` stands in place of the slices.
    func write(to json: inout JSONWriter, in form: RecordForm) {
        json.beginObject()
        if let terms {
            terms.write(to: &json)
        } else {
            json.member("name", objective)
            if let definition { json.member("definition", definition.description) }
        }
        if let columns = groups.first?.group.columns {
            json.key("columns")
            json.beginArray()
            for column in columns { json.string(column) }
            json.endArray()
            json.key("groups")
            json.beginArray()
            for group in groups { group.write(to: &json, in: form) }
            json.endArray()
        } else {
            json.members(of: slices, in: form)
        }
        json.endObject()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var fields = ObjectiveTermFields()
        var deltas = SliceDeltaFields()
        var columns: [String] = []
        var groups: [ChangelogAmounts.GroupAmounts] = []
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "columns": columns = try cursor.strings()
            case "groups":
                try cursor.beginArray()
                while try cursor.nextElement() {
                    groups.append(try ChangelogAmounts.GroupAmounts(reading: &cursor, columns: columns))
                }
            case _ where ObjectiveTermFields.isMember(key): try fields.read(key, from: &cursor)
            default: if try !deltas.read(key, from: &cursor) { try cursor.skipValue() }
            }
        }
        let slices = try deltas.take(cursor)
        do throws(WindowRecordError) {
            self.init(
                objective: fields.name ?? "", definition: try fields.definition(),
                terms: fields.areTerms ? try fields.terms(sliceLength: nil) : nil, slices: slices, groups: groups)
        } catch {
            throw cursor.refusal("an objective's terms, and not this: \(error)")
        }
    }
}

extension ChangelogAmounts.GroupAmounts {
    fileprivate func write(to json: inout JSONWriter, in form: RecordForm) {
        json.beginObject()
        json.key("group")
        json.beginArray()
        for value in group.values { if let value { json.string(value) } else { json.null() } }
        json.endArray()
        json.members(of: slices, in: form)
        json.endObject()
    }

    fileprivate init(reading cursor: inout JSONCursor, columns: [String]) throws(JSONCursorError) {
        var values: [String?] = []
        var deltas = SliceDeltaFields()
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "group":
                try cursor.beginArray()
                while try cursor.nextElement() { values.append(try cursor.takeNull() ? nil : cursor.string()) }
            default: if try !deltas.read(key, from: &cursor) { try cursor.skipValue() }
            }
        }
        guard !columns.isEmpty, values.count == columns.count else {
            throw cursor.refusal("a value of a group for each of its columns")
        }
        self.init(group: ObjectiveGroup(columns: columns, values: values), slices: try deltas.take(cursor))
    }
}

extension ChangelogAmounts.RollupAmounts {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", rollup)
        json.key("cells")
        json.beginArray()
        for cell in cells { cell.write(to: &json) }
        json.endArray()
        json.endObject()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var name = ""
        var cells: [RollupChange] = []
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "name": name = try cursor.string()
            case "cells":
                try cursor.beginArray()
                while try cursor.nextElement() { cells.append(try RollupChange(reading: &cursor)) }
            default: try cursor.skipValue()
            }
        }
        self.init(rollup: name, cells: cells)
    }
}

extension ChangelogAmounts.Trace {
    func write(to json: inout JSONWriter) {
        json.beginArray()
        json.string(kind.rawValue)
        json.time(hour)
        json.integer(firstOffset)
        json.integer(lastOffset)
        json.endArray()
    }

    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        try cursor.beginArray()
        guard try cursor.nextElement(), let kind = EventKind(rawValue: try cursor.string()), try cursor.nextElement()
        else { throw cursor.refusal("a type of event") }
        let hour = try cursor.timestamp()
        var offsets: [Int64] = []
        while try cursor.nextElement() { offsets.append(try cursor.integer()) }
        guard offsets.count == 2, offsets[0] <= offsets[1] else { throw cursor.refusal("a first and a last offset") }
        self.init(kind: kind, hour: hour, firstOffset: offsets[0], lastOffset: offsets[1])
    }
}
