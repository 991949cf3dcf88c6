import TelemetryModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Why bytes are no window record.
public enum WindowRecordError: Error, Equatable {
    /// Not JSON, or a field missing or of another type.
    case malformed(String)
    /// A field whose value cannot be.
    case invalid(field: String, value: String, expected: String)
}

extension WindowRecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "not a window record: \(reason)"
        case .invalid(let field, let value, let expected): "window record: \(field) is \(value), expected \(expected)"
        }
    }
}

extension WindowRecord {
    /// Reads a record back, and checks everything that a report relies on.
    public init(json bytes: [UInt8]) throws(WindowRecordError) {
        let wire: Wire
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            wire = try decoder.decode(Wire.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(WindowRecord.reason(error))
        } catch {
            throw .malformed("\(error)")
        }
        terms = try wire.terms()
        start = try wire.startTime(sliceNanoseconds: terms.method.sliceNanoseconds)
        slices = try wire.slices()
        sources = try wire.sources.map { (source) throws(WindowRecordError) in try source.span() }
        epoch = wire.epoch
        stamp = wire.stamp
    }

    private static func reason(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(path(context)) has another type than expected"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "\(path(context)) is out of range"
        @unknown default: "unreadable"
        }
    }
}

/// The record as it stands in JSON, before anything is believed.
private struct Wire: Decodable {
    var name: String
    var displayName: String?
    var service: String
    var window: String
    var method: String
    var timesliceTarget: Decimal?
    var timesliceWindow: String?
    var target: Decimal
    var start: String
    var slice: String
    var good: [Int64?]
    var total: [Int64?]
    var excluded: [[Int64]]
    var late: [[Int64]]
    var sources: [WireSource]
    var epoch: Int64?
    var stamp: Int64?

    func terms() throws(WindowRecordError) -> ObjectiveTerms {
        let method = try self.method(slice: Wire.duration("timeslice_window", timesliceWindow ?? slice))
        return ObjectiveTerms(
            name: name, displayName: displayName, service: service,
            window: .rolling(nanoseconds: try Wire.duration("window", window)), method: method,
            target: try Wire.ratio("target", target))
    }

    private func method(slice nanoseconds: Int64) throws(WindowRecordError) -> BudgetingMethod {
        let method: BudgetingMethod
        switch self.method {
        case "Occurrences": method = .occurrences
        case "Timeslices":
            method = .timeslices(
                target: try Wire.ratio("timeslice_target", timesliceTarget ?? 1), windowNanoseconds: nanoseconds)
        case "RatioTimeslices": method = .ratioTimeslices(windowNanoseconds: nanoseconds)
        default:
            throw .invalid(
                field: "method", value: self.method, expected: "Occurrences, Timeslices or RatioTimeslices")
        }
        let expected = DurationText.text(method.sliceNanoseconds)
        if slice != expected { throw .invalid(field: "slice", value: slice, expected: expected) }
        return method
    }

    func startTime(sliceNanoseconds: Int64) throws(WindowRecordError) -> Timestamp {
        guard let time = Timestamp(rfc3339: start) else {
            throw .invalid(field: "start", value: start, expected: "an RFC 3339 time")
        }
        let grid = SliceGrid(lengthNanoseconds: sliceNanoseconds)
        let block = SliceBlock(index: floorDivided(grid.slice(holding: time), by: Int64(SliceBlock.slots)))
        guard grid.start(of: block.firstSlice) == time else {
            throw .invalid(field: "start", value: start, expected: "the start of a block of \(SliceBlock.slots) slices")
        }
        return time
    }

    func slices() throws(WindowRecordError) -> [SliceCounts] {
        guard good.count == total.count, good.count <= SliceBlock.slots else {
            throw .invalid(
                field: "good", value: "\(good.count) counts", expected: "as many as total has, at most 60")
        }
        var slices = zip(good, total).map { SliceCounts(good: $0 ?? 0, total: $1 ?? 0) }
        func fill(_ field: String, _ pairs: [[Int64]], _ count: WritableKeyPath<SliceCounts, Int64>)
            throws(WindowRecordError)
        {
            for pair in pairs {
                guard pair.count == 2, let slot = Int(exactly: pair[0]), slices.indices.contains(slot) else {
                    throw .invalid(field: field, value: "\(pair)", expected: "[slot, count] with a slot that good has")
                }
                slices[slot][keyPath: count] = pair[1]
            }
        }
        try fill("excluded", excluded, \.excluded)
        try fill("late", late, \.late)
        if let negative = slices.first(where: \.hasNegative) {
            throw .invalid(field: "total", value: "\(negative)", expected: "counts from 0")
        }
        return slices
    }

    private static func duration(_ field: String, _ text: String) throws(WindowRecordError) -> Int64 {
        guard let nanoseconds = DurationText.nanoseconds(text), nanoseconds >= SliceGrid.lengthNanosecondsMin else {
            throw .invalid(field: field, value: text, expected: "a duration such as 30d, of a second or more")
        }
        return nanoseconds
    }

    private static func ratio(_ field: String, _ value: Decimal) throws(WindowRecordError) -> Ratio {
        guard let ratio = Ratio(decimal: value.description), ratio >= .zero, ratio <= .one else {
            throw .invalid(field: field, value: value.description, expected: "a ratio from 0 to 1")
        }
        return ratio
    }
}

private struct WireSource: Decodable {
    var file: String?
    var firstRecord: Int64?
    var lastRecord: Int64?
    var topic: String?
    var partition: Int32?
    var firstOffset: Int64?
    var lastOffset: Int64?

    func span() throws(WindowRecordError) -> SourceSpan {
        if let file, let firstRecord, let lastRecord {
            return SourceSpan(source: .file(name: file), first: firstRecord, last: lastRecord)
        }
        guard let topic, let partition, let firstOffset, let lastOffset else {
            throw .invalid(field: "sources", value: "incomplete", expected: "a file or a topic with its range")
        }
        return SourceSpan(
            source: .kafka(topic: topic, partition: partition), first: firstOffset, last: lastOffset)
    }
}
