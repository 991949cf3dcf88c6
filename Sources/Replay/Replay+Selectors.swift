import Aggregation
import Counting
import Files
import Objectives
import TelemetryModel

extension Replay {
    /// Read again at most to find metrics that come with several dimensions.
    private static let dimensionsBytesMax = 4 << 20
    /// SLOs that are told what is near to what they ask for. Where more match nothing, it is the files that are others.
    private static let surveyObjectivesMax = 1_000

    /// Says of the selectors that matched nothing what there is that is near to what they ask for, from a second look at
    /// the start of the files: only where there are such, so that it costs nothing where all match. Standard input and pipes
    /// can't be read twice, and tell no names.
    func explainSelectors(of report: inout SLOReport, _ counter: borrowing PartitionCounter, files: [String]) {
        var rollups: [RollupDefinition] = []
        for (place, box) in counter.rollups.enumerated() where box.engine.windowStarts.isEmpty {
            rollups.append(plan.rollups[place].plan.definition)
        }
        report.warnings = rollups.map {
            ReportWarning(
                code: .selectorUnmatched, subject: "Rollup \($0.name)", text: "matched no record")
        }
        let isUnmatched = !rollups.isEmpty || report.entries.contains { !$0.warnings.isEmpty }
        let unmatched = Set(
            report.entries.lazy.filter { !$0.warnings.isEmpty }.prefix(Replay.surveyObjectivesMax).map(\.terms.name))
        let selected = plan.objectives.filter { objective in
            if unmatched.contains(objective.name) { return true }
            // Only metrics have dimensions to add up: other filters need not be read for it.
            return objective.indicator.queries.contains { $0.source == .metric }
                && Selector.selectors(of: objective).contains(where: \.sumsAllDimensions)
        }
        let readable = files.filter { (try? FileEntry($0, followsLinks: true))?.kind == .regular }
        guard isUnmatched || !selected.isEmpty, !readable.isEmpty,
            var survey = try? SelectorSurvey(objectives: selected, rollups: rollups, areUnmatched: true)
        else { return }
        // What can't be read again was read once: the report stands, without its names.
        survey.leavesOut = readable.count < files.count
        do {
            try survey.read(
                files: readable, format: options.format, flowFields: options.flowFields, limits: options.limits,
                bytesMax: isUnmatched ? options.surveyBytesMax : Replay.dimensionsBytesMax)
        } catch {
            survey.leavesOut = true
        }
        let summed = Dictionary(grouping: survey.summedDimensions, by: \.subject)
        for place in report.entries.indices {
            let name = "SLO \(report.entries[place].terms.name)"
            report.entries[place].warnings = report.entries[place].warnings.map { survey.explanation(of: $0) ?? $0 }
            report.entries[place].warnings += summed[name] ?? []
        }
        report.warnings = report.warnings.map { survey.explanation(of: $0) ?? $0 }
    }
}
