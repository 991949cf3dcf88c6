/// Doubles as text.
enum DoubleText {
    /// Appends the shortest text that reads back as the same double. It is a JSON number when the value is finite, and else
    /// one of the words of protobuf's JSON mapping.
    static func append(_ value: Double, to text: inout [UInt8]) {
        if value.isFinite {
            text.append(contentsOf: "\(value)".utf8)
        } else if value.isNaN {
            text.append(contentsOf: "NaN".utf8)
        } else {
            text.append(contentsOf: (value < 0 ? "-Infinity" : "Infinity").utf8)
        }
    }
}
