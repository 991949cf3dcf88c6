/// The sources of a ledger's blocks, each once, so that a block names one with a byte or two.
struct SourceTable: Sendable {
    private(set) var sources: [SourceSpan.Source] = []
    /// Kept once there are so many that looking through them takes longer.
    private var places: [SourceSpan.Source: Int] = [:]
    private static let listMax = 16
    /// Behind the one that was looked for last: records list sources in one order.
    private var next = 0

    /// The source's place, now and for as long as the table lives.
    mutating func place(of source: SourceSpan.Source) -> Int {
        let place = next < sources.count && sources[next] == source ? next : searchedPlace(of: source)
        next = place + 1 == sources.count ? 0 : place + 1
        return place
    }

    private mutating func searchedPlace(of source: SourceSpan.Source) -> Int {
        let known =
            sources.count > SourceTable.listMax
            ? places[source] : sources.indices.reversed().first { sources[$0] == source }
        if let known { return known }
        sources.append(source)
        if sources.count > SourceTable.listMax {
            if places.isEmpty {
                for (place, source) in sources.enumerated() { places[source] = place }
            } else {
                places[source] = sources.count - 1
            }
        }
        return sources.count - 1
    }

    func span(_ packed: PackedSpans.Span) -> SourceSpan {
        SourceSpan(source: sources[packed.place], first: packed.first, last: packed.last)
    }

    /// In the sources' order.
    func spans(_ packed: PackedSpans) -> [SourceSpan] {
        packed.spans.map(span).sorted { $0.source < $1.source }
    }

    mutating func packed(_ spans: [SourceSpan]) -> PackedSpans {
        var packed = PackedSpans(capacity: spans.count)
        for span in spans {
            _ = packed.note(PackedSpans.Span(place: place(of: span.source), first: span.first, last: span.last))
        }
        return packed
    }

    /// Memory held, in bytes, without the names' own.
    var bytes: Int {
        let stride = MemoryLayout<SourceSpan.Source>.stride
        return (sources.isEmpty ? 0 : sources.capacity * stride + 32) + places.capacity * (stride + 8) * 4 / 3
    }
}
