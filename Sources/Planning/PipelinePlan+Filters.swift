import Aggregation
import Expressions
import TelemetryModel

extension PipelinePlan {
    /// All filters over one kind of event in one index, and what each of its selectors is for.
    package struct KindFilters: Sendable {
        /// A rollup, or a part of an objective that has groups or adds up a field: it has an engine of its own.
        package struct Target: BitwiseCopyable, Sendable {
            package let isRollup: Bool
            /// Into `rollups` or `indicatorParts`.
            package let place: Int32
            /// Of a part's slices, into `lengths`.
            package let length: Int32
        }

        /// What parts of objectives count, in two measures at most: the same records in slices of the same length.
        package struct Count: BitwiseCopyable, Hashable, Sendable {
            /// Of slices, into `lengths`.
            package let length: Int32
            /// The filter of the first measure, or −1 for all that the selector takes.
            package let first: Int32
            package let second: Int32
            package let hasSecond: Bool

            /// `nil` for a part that has an engine.
            fileprivate init?(_ plan: CompiledRollup, length: Int) {
                guard let filters = plan.countingFilters, filters.count <= 2 else { return nil }
                self.length = Int32(length)
                first = Int32(filters[0])
                hasSecond = filters.count == 2
                second = hasSecond ? Int32(filters[1]) : -1
            }
        }

        package let index: FilterIndex
        /// By the index's selectors.
        package private(set) var targets = JaggedArray<Target>()
        /// By the index's selectors.
        package private(set) var counts = JaggedArray<Count>()
        /// By the place of a count: into `indicatorParts`.
        package private(set) var countedParts = JaggedArray<Int32>()
        /// The lengths of objectives' slices, ascending, in nanoseconds.
        package let lengths: [Int64]
        /// Whether some part of an objective has an engine.
        package let hasEngines: Bool

        /// `nil` where nothing is counted of this kind.
        init?(_ kind: EventKind, rollups: [Rollup], parts: [IndicatorPart]) {
            let rollups = rollups.enumerated().filter { $0.element.plan.definition.source == kind }
            let parts = parts.enumerated().filter { $0.element.plan.definition.source == kind }
            if rollups.isEmpty && parts.isEmpty { return nil }
            lengths = Set(parts.map(\.element.plan.definition.windowNanoseconds)).sorted()
            let places = Dictionary(uniqueKeysWithValues: lengths.enumerated().map { ($1, $0) })
            index = FilterIndex(
                rollups.map { FilterIndex.Selection(whole: $1.plan.filter, parts: $1.plan.measureFilters) }
                    // A slice in which none of its measures has a record is none.
                    + parts.map {
                        FilterIndex.Selection(
                            whole: $1.plan.filter, parts: $1.plan.measureFilters,
                            needsPart: $1.plan.filtersAllMeasures)
                    })
            var hasEngines = false
            for selector in 0..<index.selections.count {
                var targets: [Target] = []
                var counted: [(count: Count, parts: [Int32])] = []
                for selection in index.selections[selector] {
                    if selection < rollups.count {
                        targets.append(Target(isRollup: true, place: Int32(rollups[selection].offset), length: 0))
                        continue
                    }
                    let (place, part) = parts[selection - rollups.count]
                    let length = places[part.plan.definition.windowNanoseconds] ?? 0
                    if let count = Count(part.plan, length: length) {
                        let known = counted.firstIndex { $0.count == count } ?? counted.count
                        if known == counted.count { counted.append((count, [])) }
                        counted[known].parts.append(Int32(place))
                    } else {
                        targets.append(Target(isRollup: false, place: Int32(place), length: Int32(length)))
                        hasEngines = true
                    }
                }
                self.targets.append(list: targets)
                counts.append(list: counted.map(\.count))
                for (_, parts) in counted { countedParts.append(list: parts) }
            }
            self.hasEngines = hasEngines
        }

        /// Those of objectives that a selector is for, into `indicatorParts`.
        package func parts(of selector: Int) -> [Int] {
            let counted = counts.places(of: selector).flatMap { countedParts[$0].map(Int.init) }
            return counted + targets[selector].filter { !$0.isRollup }.map { Int($0.place) }
        }
    }
}
