import Objectives
import Settings
import TelemetryModel
import Testing

/// `groupBy` of an SLO's metric sources.
@Suite struct GroupByTests {
    private func load(bad: String, total: String) -> (objective: ServiceLevelObjective?, problems: [String]) {
        let text = slo(
            indicator: "indicator: {metadata: {name: calls}, spec: {ratioMetric: {"
                + "bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)\(bad)}}}, "
                + "total: {metricSource: {type: CloudTrail, spec: {filter: 'true'\(total)}}}}}}")
        let loaded = ResourceLoader.load(text: text, file: "r.yaml")
        return (loaded.resources.objectives.first, loaded.problems.map { "\($0)" })
    }

    @Test func bothPartsHaveTheSameGroupsAndOneSaysHowMany() throws {
        let (read, problems) = load(
            bad: ", groupBy: [awsRegion, eventSource]", total: ", groupBy: [awsRegion, eventSource], groupsMax: 7")
        #expect(problems == [])
        let objective = try #require(read)
        #expect(objective.groupColumns == ["awsRegion", "eventSource"])
        #expect(objective.groupsMax == 7)
        let (ungrouped, _) = load(bad: "", total: "")
        #expect(ungrouped?.groupBy == [])
        #expect(ungrouped?.groupsMax == ServiceLevelObjective.defaultGroupsMax)
    }

    /// A history is its definition's: groups are in it, and how many are kept is not.
    @Test func groupsAreOfTheDefinitionAndTheirNumberIsNot() throws {
        func fingerprint(_ rest: String) throws -> DefinitionFingerprint {
            try #require(load(bad: rest, total: rest).objective).definitionFingerprint
        }
        let plain = try fingerprint("")
        let grouped = try fingerprint(", groupBy: [awsRegion]")
        #expect(plain != grouped)
        #expect(try fingerprint(", groupBy: [awsRegion], groupsMax: 3") == grouped)
        #expect(try fingerprint(", groupBy: [eventSource]") != grouped)
    }

    @Test(arguments: [
        (", groupBy: [awsRegion]", "", "one part of the ratio groups by awsRegion, and \"total\" by nothing"),
        (", groupBy: [a.b]", ", groupBy: [awsRegion]", "CloudTrail events have no field \"a.b\""),
        (", groupBy: [event.awsRegion]", ", groupBy: [awsRegion]", "a field path begins at the event itself"),
        (", groupBy: []", ", groupBy: []", "\"groupBy\" is empty"),
        (", groupsMax: 3", "", "\"groupsMax\" without \"groupBy\""),
        (", groupBy: [awsRegion], groupsMax: 0", ", groupBy: [awsRegion]", "groupsMax"),
        (
            ", groupBy: [awsRegion], groupsMax: 2", ", groupBy: [awsRegion], groupsMax: 3",
            "the ratio has the groupsMax 2 and 3"
        ),
        (", groupBy: [awsRegion, awsRegion]", ", groupBy: [awsRegion]", "groups by \"awsRegion\" twice"),
        (", groupBy: awsRegion", ", groupBy: [awsRegion]", "groupBy"),
    ])
    func aMistakeIsSaid(_ bad: String, _ total: String, _ part: String) {
        let (objective, problems) = load(bad: bad, total: total)
        #expect(objective == nil)
        #expect(problems.contains { $0.contains(part) }, "\(problems)")
    }

    @Test func aMetricHasGroupsByItsDimensions() throws {
        let source = "{type: Metric, spec: {namespace: N, metricName: M, statistic: p99, groupBy: [dimensions.tenant]}}"
        let loaded = ResourceLoader.load(text: thresholdSLO(source: source), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(loaded.resources.objectives.first?.groupColumns == ["dimensions.tenant"])
    }
}
