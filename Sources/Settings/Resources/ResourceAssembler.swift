import Aggregation
import Objectives
import Signals
import TelemetryModel

/// Makes a `ResourceSet` of documents from all files: finds repeated names, then reads each kind after those that it
/// refers to, so that the order of documents and files does not matter.
struct ResourceAssembler {
    let log: ProblemLog
    private var documents: [ResourceDocument] = []
    private var taken: [Key: NodeReader] = [:]

    private struct Key: Hashable {
        var kind: ResourceKind
        var name: String
    }

    init(log: ProblemLog) {
        self.log = log
    }

    /// Takes a document; one whose kind has a resource of that name already is reported and left out.
    mutating func add(_ document: ResourceDocument) {
        let key = Key(kind: document.kind, name: document.name)
        if !document.name.isEmpty, let place = taken[key] {
            document.nameReader.report(
                "there is another \(document.kind.name) \"\(document.name)\", at \(place.file):\(place.node.mark.line)",
                "rename or remove one of them")
            return
        }
        taken[key] = document.nameReader
        documents.append(document)
    }

    func assembled() -> ResourceSet {
        var set = ResourceSet()
        set.services = sound(of: .openSLO(.service), readService)
        set.notificationTargets = sound(of: .openSLO(.alertNotificationTarget)) { document in
            document.specFields().flatMap { NotificationTargetReader.read($0, name: document.name) }
        }
        let policyReader = AlertPolicyReader(objectives: documents(.slo).map { ($0.name, $0.description.labels) })
        let policies = sound(of: .tidewatch(.alertPolicy), policyReader.read)
        set.objectives = policies.reduce(readObjectives()) { $1.applied(to: $0) }
        set.rollups = sound(of: .tidewatch(.rollup), RollupReader.read)
        let monitorReader = AnomalyMonitorReader(
            rollups: Dictionary(set.rollups.map { ($0.name, $0) }) { first, _ in first },
            declaredRollups: documents.filter { $0.kind == .tidewatch(.rollup) }.map(\.name))
        set.monitors = sound(of: .tidewatch(.anomalyMonitor), monitorReader.read)
        return set
    }

    /// What the documents of a kind come to, without those that have problems.
    private func sound<Value>(of kind: ResourceKind, _ read: (ResourceDocument) -> Value?) -> [Value] {
        documents.filter { $0.kind == kind }.compactMap { document in
            let problemsBefore = log.count
            let value = read(document)
            return document.isNameValid && log.count == problemsBefore ? value : nil
        }
    }

    private func documents(_ kind: ResourceKind.OpenSLO) -> [ResourceDocument] {
        documents.filter { $0.kind == .openSLO(kind) }
    }

    private func names(_ kind: ResourceKind.OpenSLO) -> [String] {
        documents(kind).map(\.name)
    }

    /// What each document of a kind comes to, by name; `nil` where it has problems, which are reported here and once.
    private func values<Value>(
        _ kind: ResourceKind.OpenSLO, _ read: (ResourceDocument) -> Value?
    ) -> [String: Value?] {
        var values: [String: Value?] = [:]
        for document in documents(kind) {
            let problemsBefore = log.count
            let value = read(document)
            values[document.name] = .some(log.count == problemsBefore ? value : nil)
        }
        return values
    }

    private func readObjectives() -> [ServiceLevelObjective] {
        let sources = MetricSourceReader(
            dataSources: values(.dataSource, readDataSource), dataSourceNames: names(.dataSource))
        let indicators = IndicatorReader(metricSources: sources)
        let alerts = AlertReader(
            conditions: values(.alertCondition) { document in
                document.specFields().flatMap { AlertReader.readCondition($0, name: document.name) }
            },
            conditionNames: names(.alertCondition), targetNames: names(.alertNotificationTarget))
        let reader = ServiceLevelObjectiveReader(
            indicators: indicators, alerts: alerts,
            declaredIndicators: readIndicators(indicators),
            indicatorNames: names(.sli),
            policies: values(.alertPolicy) { document in document.specFields().flatMap(alerts.readPolicy) },
            policyNames: names(.alertPolicy), serviceNames: names(.service))
        return sound(of: .openSLO(.slo), reader.read).flatMap { $0 }
    }

    /// An SLI with problems keeps its shape, so that the objectives that refer to it are still checked against it.
    private func readIndicators(_ reader: IndicatorReader) -> [String: IndicatorTemplate?] {
        var indicators: [String: IndicatorTemplate?] = [:]
        for document in documents(.sli) {
            let problemsBefore = log.count
            var indicator = document.specFields().flatMap { reader.read($0, name: document.name) }
            if log.count != problemsBefore { indicator?.form = nil }
            indicators[document.name] = .some(indicator)
        }
        return indicators
    }

    /// A Service's `spec` may be empty.
    private func readService(_ document: ResourceDocument) -> ServiceDefinition? {
        var description: String?
        if let spec = document.spec {
            guard let fields = spec.mapping() else { return nil }
            description = fields.readDescription()
            fields.finish()
        }
        return ServiceDefinition(
            name: document.name, displayName: document.description.displayName, description: description)
    }

    /// Of a DataSource only the type matters: Tidewatch's connections stand in its settings.
    private func readDataSource(_ document: ResourceDocument) -> EventKind? {
        guard let fields = document.specFields() else { return nil }
        fields.readDescription()
        let kind = fields.required("type", example: "CloudTrail")?.eventKind()
        fields.ignore("connectionDetails")
        fields.finish()
        return kind
    }
}
