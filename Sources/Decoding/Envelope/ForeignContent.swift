import TelemetryModel
import Text

/// Something that is known by name and is not read: it lies in the buckets and topics beside what is.
///
/// Set aside as one record with all of its bytes, under a reason of its own, so that what is expected there (the digests
/// beside CloudTrail's files, say) can be distinguished from what went wrong.
struct ForeignContent: Equatable {
    let reason: RejectionReason
    /// "a Parquet file".
    let name: String
    /// What to do instead; may be empty.
    let advice: String

    init(_ reason: RejectionReason, _ name: String, _ advice: String = "") {
        self.reason = reason
        self.name = name
        self.advice = advice
    }

    /// What a rejection says. `lines` is how many there are of it; 0 where it has none.
    func detail(lines: Int = 0) -> String {
        let count = lines == 0 ? "" : lines == 1 ? " (1 line)" : " (\(lines) lines)"
        return "\(name)\(count), which is not read" + (advice.isEmpty ? "" : ": \(advice)")
    }

    static let plainText = ForeignContent(.textFile, "a text file")

    // MARK: Bytes

    /// What the first bytes of a file or message say that it is.
    static func of(_ bytes: RawSpan) -> ForeignContent? {
        guard bytes.byteCount >= 4 else { return nil }
        for magic in magics where bytes.byteCount >= magic.offset + magic.bytes.count {
            if magic.bytes.indices.allSatisfy({ bytes.byte(magic.offset + $0) == magic.bytes[$0] }) {
                return magic.content
            }
        }
        return wideText(bytes)
    }

    private struct Magic {
        let offset: Int
        let bytes: [UInt8]
        let content: ForeignContent

        init(_ bytes: [UInt8], at offset: Int = 0, _ content: ForeignContent) {
            self.offset = offset
            self.bytes = bytes
            self.content = content
        }

        init(_ text: String, at offset: Int = 0, _ content: ForeignContent) {
            self.init(Array(text.utf8), at: offset, content)
        }
    }

    private static let unpack = "unpack it first; gzip is what is read"
    private static let magics: [Magic] = [
        Magic("PAR1", ForeignContent(.parquet, "a Parquet file", "have flow logs delivered as text")),
        Magic("PARE", ForeignContent(.parquet, "an encrypted Parquet file", "have flow logs delivered as text")),
        Magic("ORC", ForeignContent(.binaryFile, "an ORC file")),
        Magic("Obj\u{1}", ForeignContent(.binaryFile, "an Avro file")),
        Magic("%PDF-", ForeignContent(.binaryFile, "a PDF file")),
        Magic("SQLite format 3", ForeignContent(.binaryFile, "an SQLite file")),
        Magic([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A], ForeignContent(.binaryFile, "a PNG picture")),
        Magic([0xFF, 0xD8, 0xFF], ForeignContent(.binaryFile, "a JPEG picture")),
        Magic([0x7F, 0x45, 0x4C, 0x46], ForeignContent(.binaryFile, "an ELF program")),
        Magic("PK\u{3}\u{4}", ForeignContent(.archive, "a zip archive", unpack)),
        Magic("PK\u{5}\u{6}", ForeignContent(.archive, "an empty zip archive")),
        Magic([0x28, 0xB5, 0x2F, 0xFD], ForeignContent(.archive, "a zstd stream", unpack)),
        Magic([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], ForeignContent(.archive, "an xz stream", unpack)),
        Magic([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], ForeignContent(.archive, "a 7z archive", unpack)),
        Magic([0x04, 0x22, 0x4D, 0x18], ForeignContent(.archive, "an LZ4 stream", unpack)),
        Magic(
            [0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50], ForeignContent(.archive, "a framed Snappy stream", unpack)
        ),
        // The digit is the block size, then the digits of pi begin the first block.
        Magic([0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4, ForeignContent(.archive, "a bzip2 stream", unpack)),
        Magic("ustar", at: 257, ForeignContent(.archive, "a tar archive", unpack)),
    ]

    /// Text of two or four bytes a character, by its zeros: logs are ASCII for the most part. A byte order mark alone would
    /// not distinguish it from the length of a Snappy block.
    private static func wideText(_ bytes: RawSpan) -> ForeignContent? {
        let count = min(bytes.byteCount, 256) / 4 * 4
        var zeros = [0, 0, 0, 0]
        for place in 0..<count where bytes.byte(place) == 0 { zeros[place % 4] += 1 }
        let units = count / 4
        func most(_ place: Int) -> Bool { zeros[place] * 4 > units * 3 }
        let advice = "convert it to UTF-8"
        if most(2), most(3), most(1), !most(0) { return ForeignContent(.utf16, "text in UTF-32", advice) }
        if most(0), most(1), most(2), !most(3) { return ForeignContent(.utf16, "text in UTF-32", advice) }
        if most(1), most(3), zeros[0] + zeros[2] == 0 { return ForeignContent(.utf16, "text in UTF-16", advice) }
        if most(0), most(2), zeros[1] + zeros[3] == 0 { return ForeignContent(.utf16, "text in UTF-16", advice) }
        return nil
    }

    // MARK: JSON

    /// What the keys of the object at `start` say that it is, when no decoder takes it.
    static func ofObject(_ text: RawSpan, at start: Int, nestingMax: Int) -> ForeignContent? {
        guard start < text.byteCount, text.byte(start) == 0x7B else { return nil }
        var reader = JSONReader(text, at: start, nestingMax: nestingMax)
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                for (name, content) in keys where reader.isEqual(key, name) { return content }
                try reader.skipValue()
            }
        } catch {
            return nil
        }
        return nil
    }

    private static let digest = ForeignContent(
        .cloudTrailDigest, "a CloudTrail digest", "it signs log files and holds no events")
    private static let resolver = ForeignContent(.accessLog, "a Route 53 Resolver query log")
    private static let keys: [(StaticString, ForeignContent)] = [
        ("digestStartTime", digest), ("digestEndTime", digest), ("digestS3Bucket", digest), ("digestS3Object", digest),
        ("webaclId", ForeignContent(.accessLog, "an AWS WAF log")), ("query_timestamp", resolver),
        ("firewall_name", ForeignContent(.accessLog, "an AWS Network Firewall log")),
        ("x-edge-location", ForeignContent(.accessLog, "a CloudFront access log")),
        ("auditID", ForeignContent(.accessLog, "a Kubernetes audit log")),
        ("resourceSpans", ForeignContent(.unsupported, "OpenTelemetry traces")),
        ("resourceLogs", ForeignContent(.unsupported, "OpenTelemetry logs")),
        ("Datapoints", ForeignContent(.unsupported, "output of get-metric-statistics", "use get-metric-data")),
    ]
}
