import TelemetryModel

// {"name":"api/1","service":"api","window":"30d","method":"Occurrences","target":0.999,
//  "start":"2026-11-20T10:00:00Z","slice":"1m","good":[60,null,58],"total":[60,null,60],
//  "excluded":[[2,5]],"late":[],"sources":[{"topic":"t","partition":0,"first_offset":1,"last_offset":120}]}
//
// `null` is a slice without a record. `excluded` and `late` list [slot, count] where the count is not 0.

extension WindowRecord {
    /// One JSON object, its keys in a fixed order, without a line's end.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        terms.write(to: &json)
        json.member("start", start.description)
        json.member("slice", DurationText.text(terms.method.sliceNanoseconds))
        write("good", \.good, to: &json)
        write("total", \.total, to: &json)
        writeSparse("excluded", \.excluded, to: &json)
        writeSparse("late", \.late, to: &json)
        json.key("sources")
        json.beginArray()
        for source in sources { source.write(to: &json) }
        json.endArray()
        if let epoch { json.member("epoch", epoch) }
        if let stamp { json.member("stamp", stamp) }
        json.endObject()
        return json.bytes
    }

    private func write(_ name: String, _ count: KeyPath<SliceCounts, Int64>, to json: inout JSONWriter) {
        json.key(name)
        json.beginArray()
        for slice in slices {
            if slice.good == 0 && slice.total == 0 { json.null() } else { json.integer(slice[keyPath: count]) }
        }
        json.endArray()
    }

    private func writeSparse(_ name: String, _ count: KeyPath<SliceCounts, Int64>, to json: inout JSONWriter) {
        json.key(name)
        json.beginArray()
        for (slot, slice) in slices.enumerated() where slice[keyPath: count] != 0 {
            json.beginArray()
            json.integer(slot)
            json.integer(slice[keyPath: count])
            json.endArray()
        }
        json.endArray()
    }
}
