import Objectives
import TelemetryModel

/// An SLI as it stands by itself: a threshold is given by the objective that uses it.
struct IndicatorTemplate {
    enum Shape { case ratio, threshold }

    enum Form {
        case ratio(good: MetricQuery?, bad: MetricQuery?, total: MetricQuery)
        case threshold(MetricQuery)
    }

    /// `nil` when the name is wrong.
    var name: String?
    /// Known also where the sources are wrong, so that objectives can be checked against it.
    var shape: Shape
    /// `nil` when something is wrong.
    var form: Form?
}

/// Reads the `spec` of an SLI, declared or inline.
struct IndicatorReader {
    let metricSources: MetricSourceReader

    /// An SLI written inline, under `indicator`.
    func readInline(_ reader: NodeReader) -> IndicatorTemplate? {
        guard let fields = reader.mapping() else { return nil }
        fields.ignore("apiVersion", "kind")
        let metadata = ResourceMetadata.read(fields)
        let spec = fields.required("spec", example: "{ratioMetric: …}")?.mapping()
        fields.finish()
        guard let spec else { return nil }
        return read(spec, name: metadata?.validName)
    }

    /// `nil` when not even the shape can be told.
    func read(_ fields: MappingReader, name: String?) -> IndicatorTemplate? {
        fields.readDescription()
        let threshold = fields.optional("thresholdMetric")
        let ratio = fields.optional("ratioMetric")
        fields.finish()
        switch (threshold, ratio) {
        case (let threshold?, nil):
            let query = metricSources.read(holder: threshold, for: .value)
            return IndicatorTemplate(name: name, shape: .threshold, form: query.map { .threshold($0) })
        case (nil, let ratio?):
            return IndicatorTemplate(name: name, shape: .ratio, form: readRatio(ratio))
        case (nil, nil):
            fields.node.report(
                "the SLI has neither a ratioMetric nor a thresholdMetric", "add \"ratioMetric: {good: …, total: …}\"")
            return nil
        case (_?, let ratio?):
            ratio.report("the SLI has a thresholdMetric and a ratioMetric", "keep one of them")
            return nil
        }
    }

    /// What is good of a group is a part of what the group has in all.
    private func haveSameGroups(_ part: MetricQuery, _ total: MetricQuery, _ reader: NodeReader) -> Bool {
        func text(_ query: MetricQuery) -> String {
            query.groupBy.isEmpty ? "nothing" : query.groupBy.map(\.description).joined(separator: ", ")
        }
        if part.groupBy != total.groupBy {
            reader.report(
                "one part of the ratio groups by \(text(part)), and \"total\" by \(text(total))",
                "write the same \"groupBy\" in both")
            return false
        }
        if let one = part.groupsMax, let other = total.groupsMax, one != other {
            reader.report("the ratio has the groupsMax \(one) and \(other)", "write the same in both, or one of them")
            return false
        }
        return true
    }

    private func readRatio(_ reader: NodeReader) -> IndicatorTemplate.Form? {
        guard let fields = reader.mapping() else { return nil }
        // Most sources say it themselves, or deliver what was added in each period; where it is open, this says it.
        let isCounter = fields.optional("counter")?.bool() ?? false
        let goodReader = fields.optional("good")
        let badReader = fields.optional("bad")
        let totalReader = fields.optional("total")
        let rawReader = fields.optional("raw") ?? fields.optional("rawType")
        fields.ignore("rawType")
        fields.finish()
        if let rawReader {
            rawReader.report(
                "ratios computed elsewhere (\"raw\") are not supported by this version",
                "give \"good\" or \"bad\", and \"total\"")
            return nil
        }
        if goodReader != nil, let badReader {
            badReader.report("the ratio has \"good\" and \"bad\"", "keep one of them")
        } else if goodReader == nil, badReader == nil {
            reader.report("the ratio has neither \"good\" nor \"bad\"", "add \"good: {metricSource: …}\"")
        }
        if totalReader == nil {
            reader.report("\"total\" is missing", "add \"total: {metricSource: …}\"")
        }
        let good = goodReader.flatMap { metricSources.read(holder: $0, for: .sum(isCounter: isCounter)) }
        let bad = badReader.flatMap { metricSources.read(holder: $0, for: .sum(isCounter: isCounter)) }
        let total = totalReader.flatMap { metricSources.read(holder: $0, for: .sum(isCounter: isCounter)) }
        guard let total, (good == nil) != (bad == nil) else { return nil }
        guard let part = good ?? bad, haveSameGroups(part, total, reader) else { return nil }
        return .ratio(good: good, bad: bad, total: total)
    }
}
