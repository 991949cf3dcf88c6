import Expressions
import TelemetryModel

/// A rollup compiled against a projection: which slots to read, and where in a cell each measure lives.
public struct CompiledRollup: Sendable {
    public let definition: RollupDefinition
    /// The group columns' names, as paths are written.
    public let groupColumns: [String]
    public let measureNames: [String]

    package let filter: Program?
    let groupSlots: [Int]
    let steps: [MeasureStep]
    /// The filters that `MeasureStep.filter` counts into.
    package let measureFilters: [Program]
    /// Bytes of a cell: a head word, then the words of each measure.
    let cellBytes: Int
    let countsDistinct: Bool
    /// The measure that `top` goes by.
    let topMeasure: Int?

    /// Compiles `definition`, asking `projection` for the slots of the fields that it reads.
    ///
    /// On a throw `projection` may hold some of the rollup's fields already.
    public init(_ definition: RollupDefinition, projection: inout ProjectionBuilder) throws(RollupProblem) {
        guard projection.kind == definition.source else {
            throw .wrongSource(expected: definition.source, found: projection.kind)
        }
        guard definition.windowNanoseconds > 0 else { throw .window(nanoseconds: definition.windowNanoseconds) }
        guard !definition.measures.isEmpty else { throw .noMeasures }
        guard definition.groupsMax > 0 else { throw .count(name: "groupsMax", definition.groupsMax) }

        self.definition = definition
        groupColumns = definition.groupBy.map(\.description)
        measureNames = definition.measures.map(\.name)
        filter = try CompiledRollup.compile(definition.filter, of: nil, definition.source, &projection)

        var groupSlots: [Int] = []
        for path in definition.groupBy { groupSlots.append(projection.slot(for: path)) }
        self.groupSlots = groupSlots

        var steps: [MeasureStep] = []
        var filters: [Program] = []
        var cellBytes = 8
        var flagsUsed = 0
        for (index, measure) in definition.measures.enumerated() {
            if measureNames[..<index].contains(measure.name) { throw .duplicateMeasure(measure.name) }
            if case .quantile(_, let quantile) = measure.kind, !(0...1).contains(quantile) {
                throw .quantile(measure: measure.name, quantile)
            }
            var filterIndex = -1
            if let program = try CompiledRollup.compile(
                measure.filter, of: measure.name, definition.source, &projection)
            {
                filterIndex = filters.count
                filters.append(program)
            }
            let slot = measure.kind.field.map { projection.slot(for: $0) } ?? -1
            let step = MeasureStep(
                operation: measure.kind.operation, slot: slot, filter: filterIndex, offset: cellBytes,
                flagBit: 32 + flagsUsed)
            steps.append(step)
            cellBytes += step.operation.cellBytes
            flagsUsed += step.operation.flagCount
        }
        guard flagsUsed <= 32 else { throw .tooManyMeasures }
        countsDistinct = steps.contains { $0.operation == .distinct || $0.operation == .distinctExact }
        self.steps = steps
        self.cellBytes = cellBytes
        measureFilters = filters

        if let top = definition.top {
            guard top.count > 0 else { throw .count(name: "top.count", top.count) }
            guard let index = measureNames.firstIndex(of: top.by) else { throw .unknownTopMeasure(top.by) }
            topMeasure = index
        } else {
            topMeasure = nil
        }
    }

    /// For each measure its filter among `measureFilters`, or −1, where all measures count records and there are no groups; `nil` for other
    /// rollups.
    package var countingFilters: [Int]? {
        guard groupSlots.isEmpty, steps.allSatisfy({ $0.operation == .count }) else { return nil }
        return steps.map(\.filter)
    }

    /// Whether every measure has a filter of its own.
    package var filtersAllMeasures: Bool { steps.allSatisfy { $0.filter >= 0 } }

    /// For each measure the quantile that it asks for, if it is one.
    var quantiles: [Double?] {
        definition.measures.map { measure in
            if case .quantile(_, let quantile) = measure.kind { quantile } else { nil }
        }
    }

    private static func compile(
        _ source: String?, of measure: String?, _ kind: EventKind, _ projection: inout ProjectionBuilder
    ) throws(RollupProblem) -> Program? {
        guard let source else { return nil }
        do throws(ExpressionProblem) {
            return try ExpressionCompiler.compile(source, over: .event(kind), projection: &projection)
        } catch {
            throw .filter(measure: measure, error)
        }
    }
}

/// One measure of a plan.
struct MeasureStep: BitwiseCopyable, Sendable {
    enum Operation: UInt8, BitwiseCopyable, Sendable {
        case count, sum, min, max, distinct, distinctExact, quantile
    }

    var operation: Operation
    /// −1 for a count.
    var slot: Int
    /// An index into the plan's measure filters, or −1.
    var filter: Int
    /// Where the measure starts in a cell, in bytes.
    var offset: Int
    /// The first of its flags in the cell's head word: that there is a value; for a minimum or maximum also, one bit
    /// up, that it is an integer.
    var flagBit: Int

    var hasValue: UInt64 { 1 << UInt64(flagBit) }
    var isInteger: UInt64 { 2 << UInt64(flagBit) }
}

extension MeasureStep.Operation {
    /// A sum is three words (`ExactSum`), everything else one.
    var cellBytes: Int { self == .sum ? 24 : 8 }
    var flagCount: Int {
        switch self {
        case .sum: 1
        case .min, .max: 2
        case .count, .distinct, .distinctExact, .quantile: 0
        }
    }
}

extension MeasureDefinition.Kind {
    var field: FieldPath? {
        switch self {
        case .count: nil
        case .sum(let path), .min(let path), .max(let path), .distinct(let path, _), .quantile(let path, _): path
        }
    }

    var operation: MeasureStep.Operation {
        switch self {
        case .count: .count
        case .sum: .sum
        case .min: .min
        case .max: .max
        case .distinct(_, let exact): exact ? .distinctExact : .distinct
        case .quantile: .quantile
        }
    }
}
