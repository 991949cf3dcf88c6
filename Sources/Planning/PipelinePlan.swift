import Aggregation
import Auditing
import Decoding
import Objectives
import Settings
import Signals
import TelemetryModel

/// Everything that a set of resources asks of the pipeline, compiled: which fields the decoders must look at, what is
/// counted, what is watched.
public struct PipelinePlan: Sendable {
    /// A rollup, with what is made of it.
    package struct Rollup: Sendable {
        package let plan: CompiledRollup
        package let isWritten: Bool
    }

    /// One source's measures of one objective.
    package struct IndicatorPart: Sendable {
        package let objective: Int
        package let plan: CompiledRollup
        package let roles: [CompiledIndicator.Role]
    }

    package struct Monitor: Sendable {
        package let definition: AnomalyMonitorDefinition
        package let plan: CompiledMonitor
        /// An index into `rollups`.
        package let rollup: Int
    }

    public let outputs: Set<OutputKind>
    public let objectives: [ServiceLevelObjective]
    /// Beside `objectives`: whether good is counted itself; otherwise it is total less bad.
    package let countsGood: [Bool]
    /// Beside `objectives`: by which definition each is counted.
    package let definitions: [DefinitionFingerprint]
    /// In which form own records are written.
    public private(set) var form: RecordForm
    package let rollups: [Rollup]
    package let indicatorParts: [IndicatorPart]
    /// The filters of `rollups` and `indicatorParts`, by the kind of event that they are asked of.
    package let filters: [EventKind: KindFilters]
    package let monitors: [Monitor]
    /// The names of all that is declared, also of what raises no alerts and is therefore not watched.
    package let declaredMonitors: Set<String>
    package let declaredObjectives: Set<String>
    package let auditPolicy: AuditPolicy?
    /// Where CloudTrail events have their `eventID`; `nil` when deliveries are not distinguished.
    package let identitySlot: Int?
    /// Where they have their facts: see `factPaths`.
    package let factSlots: [Int]
    let projections: ProjectionSet
    package let metricNames: MetricNames

    /// - Parameters:
    ///   - removesDuplicates: look at the identities of CloudTrail events, which are delivered twice now and then.
    ///   - form: in which form own records are written.
    ///   - audit: which events are recorded, beside those that always are.
    ///   - provenance: what audit records say of who made them.
    /// - Throws: what the resources' own check should have found: an expression that does not compile.
    public init(
        resources: ResourceSet, outputs: Set<OutputKind>, removesDuplicates: Bool = true, form: RecordForm = .first,
        audit: AuditSettings = AuditSettings(), provenance: Provenance? = nil
    ) throws {
        self.outputs = outputs
        declaredMonitors = Set(resources.monitors.map(\.name))
        declaredObjectives = Set(resources.objectives.map(\.name))
        self.form = form
        var builders = Dictionary(uniqueKeysWithValues: EventKind.allCases.map { ($0, ProjectionBuilder(kind: $0)) })
        func compile(_ definition: RollupDefinition) throws(RollupProblem) -> CompiledRollup {
            var builder = builders[definition.source] ?? ProjectionBuilder(kind: definition.source)
            let plan = try CompiledRollup(definition, projection: &builder)
            builders[definition.source] = builder
            return plan
        }

        let wantsMonitors = outputs.contains(.anomalies)
        let wantedMonitors = resources.monitors.filter {
            wantsMonitors || (outputs.contains(.alerts) && $0.alert != nil)
        }
        let watched = Set(wantedMonitors.map(\.rollup))
        var rollups: [Rollup] = []
        for definition in resources.rollups {
            let isWritten = outputs.contains(.rollups)
            guard isWritten || watched.contains(definition.name) else { continue }
            rollups.append(Rollup(plan: try compile(definition), isWritten: isWritten))
        }
        self.rollups = rollups
        monitors = try wantedMonitors.compactMap { definition in
            guard let rollup = rollups.firstIndex(where: { $0.plan.definition.name == definition.rollup }) else {
                return nil
            }
            return Monitor(
                definition: definition,
                plan: try CompiledMonitor(
                    definition, groupColumns: rollups[rollup].plan.groupColumns,
                    measures: rollups[rollup].plan.measureNames),
                rollup: rollup)
        }

        let wantsObjectives = !outputs.isDisjoint(with: [.windows, .report])
        objectives = resources.objectives.filter {
            wantsObjectives || (outputs.contains(.alerts) && !$0.alerts.isEmpty)
        }
        definitions = objectives.map(\.definitionFingerprint)
        let indicators = objectives.map { CompiledIndicator($0) }
        countsGood = indicators.map(\.countsGood)
        var parts: [IndicatorPart] = []
        for (index, indicator) in indicators.enumerated() {
            for part in indicator.parts {
                parts.append(
                    IndicatorPart(objective: index, plan: try compile(part.definition), roles: part.roles))
            }
        }
        indicatorParts = parts
        filters = Dictionary(
            uniqueKeysWithValues: EventKind.allCases.compactMap { kind in
                KindFilters(kind, rollups: rollups, parts: parts).map { (kind, $0) }
            })

        if outputs.contains(.audit) {
            var builder = builders[.cloudTrail] ?? ProjectionBuilder(kind: .cloudTrail)
            auditPolicy = try AuditPolicy(audit, provenance: provenance, projection: &builder)
            builders[.cloudTrail] = builder
        } else {
            auditPolicy = nil
        }
        if removesDuplicates {
            var builder = builders[.cloudTrail] ?? ProjectionBuilder(kind: .cloudTrail)
            identitySlot = builder.slot(for: FieldPath(keys: "eventID"))
            factSlots = PipelinePlan.factPaths.map { builder.slot(for: $0) }
            builders[.cloudTrail] = builder
        } else {
            identitySlot = nil
            factSlots = []
        }
        projections = ProjectionSet(
            cloudTrail: builders[.cloudTrail]?.projection, vpcFlow: builders[.vpcFlow]?.projection,
            metric: builders[.metric]?.projection,
            metricOptions: MetricOptions(counters: MetricNames.counters(of: resources.objectives)))
        metricNames = MetricNames(
            objectives: objectives, isOpen: rollups.contains { $0.plan.definition.source == .metric })
    }

    /// Why it can't be run with the form of its records; `nil` where it can.
    public var problemOfForm: String? {
        guard !form.tellsDefinitions, let objective = objectives.first(where: \.hasGroups) else { return nil }
        return "the SLO \(objective.name) has groups, and records of version \(form.rawValue) don't tell groups: set "
            + "outputs.recordVersion to \(RecordForm.definitions.rawValue) once no member of 0.1.0 is left"
    }

    /// The same plan, whose own records are written in another form.
    public func written(in form: RecordForm) -> PipelinePlan {
        var plan = self
        plan.form = form
        return plan
    }
}
