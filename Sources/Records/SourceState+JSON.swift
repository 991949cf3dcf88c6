import Accounting
import JSON

extension SourceState {
    /// As a value: a list, by name.
    func write(to json: inout JSONWriter) {
        json.beginArray()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.member("name", name)
            json.key("through")
            value.through.write(to: &json)
            json.member("value", value.text)
            json.endObject()
        }
        json.endArray()
    }

    /// - Throws: also where a bound is not kept. Who left out what is too much would tell the rest as if it were all.
    init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        self.init()
        try cursor.beginArray()
        while try cursor.nextElement() {
            var (name, text) = (String?.none, String?.none)
            var through: SourcePoint?
            try cursor.beginObject()
            while let key = try cursor.nextKey() {
                switch key {
                case "name": name = try cursor.string()
                case "through": through = try SourcePoint(reading: &cursor)
                case "value": text = try cursor.string()
                default: try cursor.skipValue()
                }
            }
            guard let name, let through, let text, values[name] == nil else {
                throw cursor.refusal("a name that no other value has, a point and a value")
            }
            do throws(SourceStateBound) { try set(name, to: Value(through: through, text: text)) } catch {
                throw cursor.refusal("\(error)")
            }
        }
    }
}
