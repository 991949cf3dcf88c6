import JSON
import Objectives
import TelemetryModel
import Text

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
        if let provenance {
            json.key("made_by")
            provenance.write(to: &json)
        }
        json.endObject()
        return Inert.json(json.bytes)
    }
}

extension SLOReport.Entry {
    fileprivate func write(to json: inout JSONWriter) {
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
        // Nothing is left out on purpose; readers expect the member.
        json.member("excluded", 0)
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
        if !former.isEmpty { json.write(former: former) }
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

extension JSONWriter {
    fileprivate mutating func write(former: [FormerHistory]) {
        key("former")
        beginArray()
        for history in former {
            beginObject()
            if let definition = history.definition { member("definition", definition.description) }
            if let from = history.from { member("from", from.description) }
            if let to = history.to { member("to", to.description) }
            endObject()
        }
        endArray()
    }

    fileprivate mutating func write(warnings: [ReportWarning]) {
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
}
