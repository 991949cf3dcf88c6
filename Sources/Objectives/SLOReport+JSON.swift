import TelemetryModel

extension SLOReport {
    /// One JSON object, its keys in a fixed order, without a line's end.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("at")
        if let at { json.string(at.description) } else { json.null() }
        json.key("slos")
        json.beginArray()
        for entry in entries { entry.write(to: &json) }
        json.endArray()
        json.write(warnings: warnings)
        json.endObject()
        return json.bytes
    }
}

extension SLOReport.Entry {
    func write(to json: inout JSONWriter) {
        json.beginObject()
        terms.write(to: &json)
        if isWidened {
            json.member("window_start", windowStart.description)
            json.member("window_end", windowEnd.description)
        }
        json.member("good", good)
        json.member("total", total)
        json.member("bad", bad)
        json.member("unknown_slices", unknownSlices)
        json.member("inconsistent_slices", inconsistentSlices)
        json.member("excluded", excluded)
        json.member("late_uncounted", lateUncounted)
        json.number("sli", indicator?.decimal(fractionDigitsMax: 12))
        json.key("budget")
        json.beginObject()
        json.number("total", budget.total)
        json.number("spent", budget.spent)
        json.number("remaining_ratio", budget.remainingRatio)
        json.endObject()
        json.key("burn_rates")
        json.beginArray()
        for burnRate in burnRates {
            json.beginObject()
            json.member("window", DurationText.text(burnRate.lookbackNanoseconds))
            json.number("rate", burnRate.text)
            json.endObject()
        }
        json.endArray()
        json.member("status", status.rawValue)
        json.key("counted_since")
        if let countedSince { json.string(countedSince.description) } else { json.null() }
        json.write(warnings: warnings)
        json.key("worst")
        json.beginArray()
        for slice in worst {
            json.beginObject()
            json.member("start", slice.start.description)
            json.member("good", slice.good)
            json.member("total", slice.total)
            json.endObject()
        }
        json.endArray()
        json.key("sources")
        json.beginArray()
        for source in sources { source.write(to: &json) }
        json.endArray()
        json.write(gaps: gaps)
        json.endObject()
    }
}

extension ObjectiveTerms {
    /// Name, service, window, method and target as members of the object that is open.
    func write(to json: inout JSONWriter) {
        json.member("name", name)
        if let displayName { json.member("display_name", displayName) }
        json.member("service", service)
        json.member("window", DurationText.text(window.nanoseconds))
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
    }
}

extension SourceSpan {
    func write(to json: inout JSONWriter) {
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
    mutating func write(warnings: [ReportWarning]) {
        key("warnings")
        beginArray()
        for warning in warnings {
            beginObject()
            member("code", warning.code.rawValue)
            member("subject", warning.subject)
            if let part = warning.part { member("part", part) }
            member("text", warning.text)
            key("near")
            beginArray()
            for name in warning.near { string(name) }
            endArray()
            endObject()
        }
        endArray()
    }

    /// A number by its own decimal text, so that it is not squeezed through a double; `nil` is `null`.
    mutating func number(_ name: String, _ decimal: String?) {
        key(name)
        if let decimal { raw(decimal.utf8) } else { null() }
    }
}
