import Aggregation
import Objectives
import TelemetryModel

/// The names of metrics that objectives take: what is said of other metrics concerns nobody.
package struct MetricNames: Sendable {
    /// What stands for a metric whose name no objective has, but which a rollup may take by its filter.
    package static let other = FoldedGroup.name

    /// By length, then by bytes.
    private let sorted: [[UInt8]]
    private let names: [String]
    private let isOpen: Bool

    /// - Parameter isOpen: whether other metrics may be taken too.
    init(objectives: [ServiceLevelObjective], isOpen: Bool) {
        let queries = objectives.flatMap(\.indicator.queries).filter { $0.source == .metric }
        let unique = Set(queries.flatMap(\.metricNames)).map { Array($0.utf8) }
        sorted = unique.sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count }
        names = sorted.map { FoldedGroup.escaped(String(decoding: $0, as: UTF8.self)) }
        self.isOpen = isOpen
    }

    /// The name in `bytes`, or `(other)`; `nil` for a metric that nothing takes. A binary search, without an allocation.
    package func name(_ bytes: RawSpan) -> String? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if MetricNames.precedes(sorted[middle], bytes) { low = middle + 1 } else { high = middle }
        }
        if low < sorted.count, sorted[low].count == bytes.byteCount, !MetricNames.differs(sorted[low], bytes) {
            return names[low]
        }
        return isOpen ? MetricNames.other : nil
    }

    private static func precedes(_ name: [UInt8], _ bytes: RawSpan) -> Bool {
        if name.count != bytes.byteCount { return name.count < bytes.byteCount }
        for place in 0..<name.count {
            let byte = bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self)
            if name[place] != byte { return name[place] < byte }
        }
        return false
    }

    private static func differs(_ name: [UInt8], _ bytes: RawSpan) -> Bool {
        for place in 0..<name.count where name[place] != bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self) {
            return true
        }
        return false
    }

    /// The metrics that are declared counters.
    static func counters(of objectives: [ServiceLevelObjective]) -> Set<String> {
        Set(objectives.flatMap(\.indicator.queries).filter(\.isCounter).flatMap(\.metricNames))
    }
}
