import JSON

extension SourcePosition {
    /// Writes the position as every published record shows it.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        writeMembers(to: &json)
        json.endObject()
    }

    /// As above, into an object that has more of them.
    public func writeMembers(to json: inout JSONWriter) {
        switch self {
        case .file(let name, let record):
            json.member("file", name)
            json.member("record", record)
        case .kafka(let topic, let partition, let offset, let record):
            json.member("topic", topic)
            json.member("partition", partition)
            json.member("offset", offset)
            json.member("record", record)
        }
    }
}
