import Aggregation
import Expressions
import TelemetryModel

extension PipelinePlan {
    /// All filters over one kind of event in one index, and whose they are.
    package struct KindFilters: Sendable {
        /// Whose a selector of the index is.
        package struct Target: BitwiseCopyable, Sendable {
            private enum Kind: UInt8, BitwiseCopyable, Sendable {
                case rollup
                /// A part that counts records, in two measures at most.
                case counts
                case sums
            }

            private let kind: Kind
            /// Into `rollups` or `indicatorParts`.
            package let place: Int32
            /// Of a part's slices, into `lengths`.
            package private(set) var length: Int32 = 0
            /// Of a part that counts: the filter of its first measure, or −1 for all that the part takes.
            package private(set) var first: Int32 = -1
            package private(set) var second: Int32 = -1
            package private(set) var hasSecond = false

            package var isRollup: Bool { kind == .rollup }
            package var counts: Bool { kind == .counts }
            package var sums: Bool { kind == .sums }

            init(rollup place: Int) {
                kind = .rollup
                self.place = Int32(place)
            }

            init(part place: Int, _ plan: CompiledRollup, length: Int) {
                self.place = Int32(place)
                self.length = Int32(length)
                guard let filters = plan.countingFilters, filters.count <= 2 else {
                    kind = .sums
                    return
                }
                kind = .counts
                first = Int32(filters[0])
                hasSecond = filters.count == 2
                if hasSecond { second = Int32(filters[1]) }
            }
        }

        package let index: FilterIndex
        /// By the index's selectors.
        package let targets: [Target]
        /// The lengths of objectives' slices, ascending, in nanoseconds.
        package let lengths: [Int64]
        package let hasSums: Bool

        /// `nil` where nothing is counted of this kind.
        init?(_ kind: EventKind, rollups: [Rollup], parts: [IndicatorPart]) {
            var selectors: [FilterIndex.Selection] = []
            var targets: [Target] = []
            for (place, rollup) in rollups.enumerated() where rollup.plan.definition.source == kind {
                selectors.append(FilterIndex.Selection(whole: rollup.plan.filter, parts: rollup.plan.measureFilters))
                targets.append(Target(rollup: place))
            }
            let own = parts.enumerated().filter { $0.element.plan.definition.source == kind }
            lengths = Set(own.map(\.element.plan.definition.windowNanoseconds)).sorted()
            let places = Dictionary(uniqueKeysWithValues: lengths.enumerated().map { ($1, $0) })
            for (place, part) in own {
                let plan = part.plan
                // A slice in which none of its measures has a record is none.
                selectors.append(
                    FilterIndex.Selection(
                        whole: plan.filter, parts: plan.measureFilters, needsPart: plan.filtersAllMeasures))
                targets.append(
                    Target(part: place, plan, length: places[plan.definition.windowNanoseconds] ?? 0))
            }
            if selectors.isEmpty { return nil }
            index = FilterIndex(selectors)
            hasSums = targets.contains(where: \.sums)
            self.targets = index.order.map { targets[$0] }
        }
    }
}
