/// What one audit record may hold at most, in bytes of the record as it is written.
///
/// A record has to fit into a message of its topic whatever the event holds, so that no event can stop a consumer. CloudTrail's
/// own limits lie below these (100 KB for a request or a response, 1 KB for an error's text), so only made-up events are
/// cut. What is cut ends with "…", and the record's `metadata.is_truncated` and `untruncated_size` say so.
///
/// The sum: about 50 texts, three parts of JSON, resources and observables are 50 × 4 KiB + 3 × 128 KiB + 2 × 64 KiB,
/// or some 730,000 bytes.
enum AuditLimits {
    /// Of one text.
    static let textBytesMax = 4096
    /// Of the request, of the response, and of what has no attribute, each.
    static let dataBytesMax = 128 << 10
    /// Of all resources of a record.
    static let resourcesBytesMax = 48 << 10
    static let resourcesMax = 50
    /// Of all observables of a record.
    static let observablesBytesMax = 48 << 10
    /// Levels of a request in which names of resources are looked for.
    static let resourceDepthMax = 4
}
