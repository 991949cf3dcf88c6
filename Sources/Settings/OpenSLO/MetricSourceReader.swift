import Objectives
import TelemetryModel
import Text

/// Reads `metricSource` objects of the three types that Tidewatch measures.
struct MetricSourceReader {
    /// What a source's numbers are used for.
    enum Use {
        /// Records are counted, or a measure of theirs is added up. Metrics may be declared to count since a start.
        case sum(isCounter: Bool)
        /// One value of each record is compared with a threshold.
        case value

        var isSum: Bool {
            if case .sum = self { true } else { false }
        }
    }

    /// The types of the DataSources declared, by name; `nil` for one with problems of its own.
    let dataSources: [String: EventKind?]
    let dataSourceNames: [String]

    /// Reads the mapping that holds a `metricSource` key: `good`, `bad`, `total` or `thresholdMetric`.
    func read(holder: NodeReader, for use: Use) -> MetricQuery? {
        guard let outer = holder.mapping() else { return nil }
        let source = outer.required("metricSource", example: "{type: CloudTrail, spec: {filter: …}}")
        outer.finish()
        guard let source, let fields = source.mapping() else { return nil }
        let typeReader = fields.optional("type")
        let referenceReader = fields.optional("metricSourceRef")
        let specReader = fields.optional("spec")
        fields.finish()

        let type = typeReader?.eventKind()
        let referenced = referenceReader.flatMap(resolve)
        if let typeReader, let type, case .some(.some(let other)) = referenced, other != type {
            typeReader.report(
                "the type is \(type.metricSourceType), and that of the DataSource is \(other.metricSourceType)",
                "remove the type, or name another DataSource")
        }
        if typeReader == nil, referenceReader == nil {
            source.report(
                "\"type\" is missing",
                "add \"type:\" with one of: \(EventKind.metricSourceTypes.joined(separator: ", "))")
        }
        guard let kind = type ?? (typeReader == nil ? referenced ?? nil : nil) else { return nil }
        guard let specReader else {
            // All events of CloudTrail or of flow logs are a sound total; a metric needs its name.
            guard kind == .metric || !use.isSum else { return MetricQuery(source: kind) }
            source.report(
                "\"spec\" is missing",
                "add \"spec:\" with \(kind == .metric ? "namespace, metricName and statistic" : "the measure to compare")"
            )
            return nil
        }
        guard let spec = specReader.mapping() else { return nil }
        return kind == .metric ? readMetric(spec, for: use) : readEvents(spec, of: kind, for: use)
    }

    /// The type of the DataSource named; `.some(nil)` when that has problems of its own.
    private func resolve(_ reader: NodeReader) -> EventKind?? {
        guard let name = reader.nonEmptyString() else { return nil }
        guard let kind = dataSources[name] else {
            reader.report(
                "there is no DataSource \"\(YAMLNode.shortened(name))\"",
                EditDistance.nearest(to: name, among: dataSourceNames).map { "did you mean \"\($0)\"?" }
                    ?? "declare it, or give the type in its place")
            return nil
        }
        return .some(kind)
    }

    /// CloudTrail and VPCFlow: `filter`, `measure`, `groupBy` and `groupsMax`.
    private func readEvents(_ spec: MappingReader, of kind: EventKind, for use: Use) -> MetricQuery? {
        let filterReader = spec.optional("filter")
        let measureReader = spec.optional("measure")
        let groups = GroupByReader.groups(of: spec, in: kind)
        spec.finish()
        if measureReader == nil, !use.isSum {
            spec.node.report(
                "\"measure\" is missing: a thresholdMetric compares one value of each record",
                "add \"measure:\" with a field's path\(kind == .vpcFlow ? ", such as bytes" : "")")
            return nil
        }
        let filter = filterReader.flatMap { ExpressionCheck.filter($0, over: kind) }
        let measure = measureReader.flatMap { ExpressionCheck.numericPath($0, in: kind) }
        guard let groups else { return nil }
        var query = MetricQuery(source: kind, filter: filter, measure: measure)
        (query.groupBy, query.groupsMax) = (groups.paths, groups.groupsMax)
        return query
    }

    /// Metric: `metricName`, `namespace`, `account`, `region`, `dimensions`, `statistic`, `filter`, `groupBy` and
    /// `groupsMax`.
    private func readMetric(_ spec: MappingReader, for use: Use) -> MetricQuery? {
        let namespaceReader = spec.optional("namespace")
        let namespace = namespaceReader?.string()
        let metricNames = spec.required("metricName", example: "RequestCount").flatMap(readNames)
        let accountReader = spec.optional("account")
        let accounts = accountReader.flatMap(readNames)
        let regionReader = spec.optional("region")
        let regions = regionReader.flatMap(readNames)
        let dimensionsReader = spec.optional("dimensions")
        let dimensions = dimensionsReader.flatMap(readDimensions)
        let statistic = readStatistic(spec, for: use)
        let filterReader = spec.optional("filter")
        let groups = GroupByReader.groups(of: spec, in: .metric)
        spec.unsupported(
            "measure", "a Metric source has no \"measure\"", "remove it, and choose the \"statistic\"")
        spec.finish()
        let filter = filterReader.flatMap { ExpressionCheck.filter($0, over: .metric) }
        guard let metricNames, let statistic, let groups, (namespaceReader == nil) == (namespace == nil),
            (accountReader == nil) == (accounts == nil), (regionReader == nil) == (regions == nil)
        else { return nil }
        var query = MetricQuery(
            source: .metric,
            filter: MetricFilterText.text(
                namespace: namespace, metricNames: metricNames, accounts: accounts, regions: regions,
                dimensions: dimensions, filter: filter),
            measure: statistic.path, measureExpression: statistic.expression, metricNames: metricNames)
        if case .sum(let isCounter) = use { query.isCounter = isCounter }
        (query.groupBy, query.groupsMax) = (groups.paths, groups.groupsMax)
        return query
    }

    /// One text or a list of some, none of them empty.
    private func readNames(_ reader: NodeReader) -> [String]? {
        guard case .sequence = reader.node.content else { return reader.nonEmptyString().map { [$0] } }
        guard let elements = reader.list() else { return nil }
        if elements.isEmpty {
            reader.report("the list is empty", "write a name, or remove the key")
            return nil
        }
        let names = elements.compactMap { $0.nonEmptyString() }
        return names.count == elements.count ? names : nil
    }

    private func readDimensions(_ reader: NodeReader) -> [(name: String, value: String)]? {
        guard let fields = reader.mapping() else { return nil }
        let entries = fields.all()
        let dimensions = entries.compactMap { name, value in value.nonEmptyString().map { (name, $0) } }
        return dimensions.count == entries.count ? dimensions : nil
    }

    private func readStatistic(_ spec: MappingReader, for use: Use) -> MetricStatistic? {
        // What is added up is nearly always a sum; which value is compared with a threshold is for its author to say.
        let reader = use.isSum ? spec.optional("statistic") : spec.required("statistic", example: "p99")
        guard let reader else { return use.isSum ? .sum : nil }
        guard let name = reader.nonEmptyString() else { return nil }
        guard let statistic = MetricStatistic(name: name) else {
            reader.report(
                "\"\(YAMLNode.shortened(name))\" is no statistic",
                EditDistance.nearest(to: name, among: MetricStatistic.names).map { "did you mean \"\($0)\"?" }
                    ?? "use Sum, SampleCount, Average, Minimum, Maximum, a percentile such as p99, or an additional "
                    + "statistic that the stream sends: TC(:0.5), TS, TM, WM, PR or IQM")
            return nil
        }
        if use.isSum, !statistic.isAdditive {
            reader.report(
                "\(name) can't be added up, as a ratioMetric does",
                "use Sum, SampleCount or a trimmed count such as TC(:0.5), or a thresholdMetric")
            return nil
        }
        return statistic
    }
}
