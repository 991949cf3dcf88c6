import JSON
import TelemetryModel
import Text

// What window records and reports write alike.

extension ObjectiveTerms {
    /// Name, service, window, method, target and definition as members of the object that is open.
    package func write(to json: inout JSONWriter) {
        json.member("name", name)
        if let displayName { json.member("display_name", displayName) }
        json.member("service", service)
        json.member("window", window.text)
        json.member("method", method.name)
        switch method {
        case .occurrences: break
        case .timeslices(let target, let window):
            json.number("timeslice_target", target.decimal)
            json.member("timeslice_window", DurationText.text(window))
        case .ratioTimeslices(let window):
            json.member("timeslice_window", DurationText.text(window))
        }
        json.number("target", target.decimal)
        if let definition { json.member("definition", definition.description) }
        if let group {
            json.key("group")
            group.write(to: &json)
        }
        if let foldedFrom {
            json.key("folded_from")
            json.beginArray()
            json.integer(foldedFrom.offset)
            json.integer(foldedFrom.place)
            json.endArray()
        }
        if adoptsUnbound {
            json.key("adopts")
            json.bool(true)
        }
    }
}

extension SourceSpan {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        switch source {
        case .file(let name):
            json.member("file", name)
            json.member("first_record", first)
            json.member("last_record", last)
        case .kafka(let topic, let partition, let incarnation):
            json.member("topic", topic)
            json.member("partition", partition)
            if incarnation != 0 { json.member("incarnation", incarnation) }
            json.member("first_offset", first)
            json.member("last_offset", last)
        }
        json.endObject()
    }
}

extension JSONWriter {
    /// A number by its own decimal text, so that it is not squeezed through a double; `nil` is `null`.
    package mutating func number(_ name: String, _ decimal: String?) {
        key(name)
        if let decimal { raw(decimal.utf8) } else { null() }
    }
}
