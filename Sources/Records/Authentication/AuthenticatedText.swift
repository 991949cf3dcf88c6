import TelemetryModel

/// What a record's code is computed over: its form, where it lies, its key, its value, and the headers beside the code.
///
/// Each part stands behind its length, so that no two records have one text. The headers are part of it because readers go by
/// some of them: the epoch in the feed decides which of two records counts.
package struct AuthenticatedText {
    /// The form of this text. Another one is a newer version of the header.
    private static let form = "tidewatch-mac/1"

    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - value: empty for a tombstone: readers take one for the other.
    ///   - headers: all but the one of the code, in their order.
    package init(
        topic: String, partition: Int32, key: RawSpan, value: RawSpan,
        headers: some Collection<(name: String, value: [UInt8]?)>
    ) {
        bytes.reserveCapacity(256 + topic.utf8.count + key.byteCount + value.byteCount)
        add(AuthenticatedText.form)
        add(topic)
        add(UInt64(UInt32(bitPattern: partition)))
        add(Array(copying: key))
        add(Array(copying: value))
        add(UInt64(headers.count))
        for header in headers {
            add(header.name)
            add(header.value == nil ? 0 : 1)
            add(header.value ?? [])
        }
    }

    private mutating func add(_ text: String) { add(Array(text.utf8)) }

    private mutating func add(_ part: [UInt8]) {
        add(UInt64(part.count))
        bytes += part
    }

    /// Most significant byte first.
    private mutating func add(_ number: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
