import JSON

extension SourcePosition {
    /// Writes the position as every published record shows it.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
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
        json.endObject()
    }
}
