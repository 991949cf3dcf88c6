import Aggregation
import ArgumentParser
import Counting
import Decoding
import Files
import Foundation
import JSON
import Planning
import Replay
import Settings
import TelemetryModel
import Text

/// `tidewatch replay`: the same pipeline over files.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run the pipeline over files: rollups, anomalies, SLO windows, alerts, audit records, a report.",
        discussion: """
            Reads files and folders in the order given, files of a folder by name. Two runs over the same input write \
            the same bytes, stats.json aside. CloudTrail events that were delivered twice, by their eventID, count once.

            Example: tidewatch replay --resources deploy/examples/resources --out out logs/
            """)

    @Option(
        help: ArgumentHelp("Resources: a file or a folder; may be given again.", valueName: "path"),
        completion: .file())
    var resources: [String] = []

    @Option(
        help: ArgumentHelp("A consumer's settings, whose resources and limits are used.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("The folder for the results.", valueName: "dir"), completion: .directory)
    var out: String?

    @Option(
        help: ArgumentHelp(
            "What to compute, by commas: \(OutputKind.allCases.map(\.rawValue).joined(separator: ",")). Default all.",
            valueName: "list"),
        completion: .list(OutputKind.allCases.map(\.rawValue)))
    var outputs: String?

    @Option(help: ArgumentHelp("Print the SLO report in this format.", valueName: "format"))
    var report: ReportFormat?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The time that the report is for, such as 2026-03-02T10:00:00Z; default the end of the newest slice with data.",
            valueName: "time"),
        transform: Timestamp.argument)
    var at: Timestamp?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The clock that decides what is dated in the future, such as 2026-03-02T10:00:00Z; default now. What is later than 5 minutes after "
                + "it, or than decoding.futureTolerance of --config, goes to the dead letters.",
            valueName: "time"),
        transform: Timestamp.argument)
    var now: Timestamp?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Count what is older than its file's newest event by more than this as late, such as 3d. By default nothing is "
                + "late, or what aggregation.lateHorizon of --config says.",
            valueName: "duration"),
        transform: DurationArgument.argument)
    var lateHorizon: DurationArgument?

    @Argument(help: "Files and folders, or - for standard input.", completion: .file())
    var paths: [String]

    func validate() throws {
        _ = try selectedOutputs()
        if out == nil, report == nil {
            throw ValidationError(
                "say what to make: --out DIR for the results, or --report FORMAT for the report alone")
        }
    }

    private func selectedOutputs() throws -> Set<OutputKind> {
        guard let outputs else { return out == nil ? [.report] : Set(OutputKind.allCases) }
        var selected: Set<OutputKind> = []
        for name in outputs.split(separator: ",") {
            guard let kind = OutputKind(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError(
                    "--outputs: no output is called '\(name)'; there are "
                        + OutputKind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            selected.insert(kind)
        }
        if report != nil { selected.insert(.report) }
        if selected.isEmpty {
            throw ValidationError(
                "--outputs names no output; there are \(OutputKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return selected
    }

    func run() throws {
        FreedMemory.keep()
        var options = Replay.Options()
        var loaded = ResourceSet()
        var settings: RunSettings?
        if let config {
            let (fromFile, fromSettings) = try loadSettings(config)
            loaded = fromSettings
            settings = fromFile
            options.limits = fromFile.decoding.limits
            if fromFile.aggregation.isLateHorizonGiven {
                options.latenessHorizonNanoseconds = fromFile.aggregation.lateHorizonNanoseconds
            }
            options.allowedLatenessNanoseconds = fromFile.aggregation.allowedLatenessNanoseconds
            options.futureToleranceNanoseconds = fromFile.decoding.futureToleranceNanoseconds
            options.removesDuplicates = fromFile.aggregation.deduplicationRecords > 0
        }
        if !resources.isEmpty {
            let (more, problems) = ResourceLoader.load(paths: resources)
            try refuse(problems)
            loaded.append(more)
        }
        options.format = input.format
        options.flowFields = try input.fieldList()
        options.limits = input.limits(over: options.limits)
        options.outputFolder = out
        options.reportTime = at
        options.now = now ?? Timestamp.now()
        options.processedAt = now
        let provenance = Provenance.thisBuild(settings: settings, resources: loaded)
        options.provenance = provenance
        if let lateHorizon { options.latenessHorizonNanoseconds = lateHorizon.nanoseconds }
        let inputs = try Inputs(paths)
        if let out, let same = try Replay.overwritten(of: inputs.files, in: out) {
            throw CommandFailure(
                .misused, "--out: the input \(same) is where results in \(out) go; name another folder, or move it")
        }
        let plan = try PipelinePlan(
            resources: loaded, outputs: try selectedOutputs(), removesDuplicates: options.removesDuplicates,
            audit: settings?.audit ?? AuditSettings(), provenance: provenance)
        let usage = ResourceUsage()
        var progress = ProgressLine("replay")
        let result: Replay.Result
        do {
            result = try Replay(plan: plan, options: options).run(files: inputs.files) { bytes in
                progress.update("\(bytes >> 20) MiB")
            }
        } catch {
            progress.finish()
            throw CommandFailure(.failed, "\(error)")
        }
        progress.finish()
        if let out { try writeStatistics(result.statistics, usage, folder: out) }
        if let report { Console.write(result.report.rendered(as: report)) }
        let statistics = result.statistics
        Console.outcome(decoded: statistics.decodedTotal, deadLettered: statistics.deadLettered)
        for line in statistics.uncountedLines { Console.error(line) }
        for line in CumulativeOutcome.lines(statistics.cumulative) { Console.error(line) }
        for (name, counters) in statistics.troubles.sorted(by: { $0.key < $1.key }) {
            Console.error("  \(name): \(counters.words)")
        }
        for (name, count) in statistics.untrackedGroups.sorted(by: { $0.key < $1.key }) {
            Console.error("  \(name): \(count) groups of windows are not watched, beyond those that a monitor may have")
        }
        if let out { Console.error("results are in \(out)\(report == nil ? hint(out) : "")") }
        try inputs.reportNotRead()
    }

    private func hint(_ folder: String) -> String { "; to see them: tidewatch slo report --from \(folder)" }

    private func writeStatistics(_ statistics: PipelineStatistics, _ usage: ResourceUsage, folder: String) throws {
        var json = JSONWriter()
        json.beginObject()
        json.member("events", statistics.decodedTotal)
        json.member("bytes", statistics.bytes)
        json.key("wall_seconds")
        json.double(usage.wallSeconds)
        json.key("cpu_seconds")
        json.double(usage.cpuSeconds)
        json.member("peak_memory_bytes", usage.peakMemoryBytes)
        json.key("decoded")
        json.beginObject()
        for kind in EventKind.allCases { json.member(kind.rawValue, statistics.decoded[kind] ?? 0) }
        json.endObject()
        json.key("dead_lettered")
        json.beginObject()
        for (reason, count) in statistics.deadLettered.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            json.member(reason.rawValue, count)
        }
        json.endObject()
        json.key("late")
        json.beginObject()
        for kind in EventKind.allCases { json.member(kind.rawValue, statistics.late[kind] ?? 0) }
        json.endObject()
        json.member("duplicates", statistics.duplicates)
        json.member("conflicts", statistics.conflicts)
        json.key("cumulative")
        json.beginObject()
        for outcome in CumulativeOutcome.allCases where outcome != .refused {
            json.member(outcome.rawValue, statistics.cumulative[outcome] ?? 0)
        }
        json.endObject()
        json.key("troubles")
        json.beginObject()
        for (name, counters) in statistics.troubles.sorted(by: { $0.key < $1.key }) {
            json.key(name)
            json.beginObject()
            json.member("folded_events", Int(counters.foldedEvents))
            json.member("folded_cells", Int(counters.foldedCells))
            json.member("degraded_sets", Int(counters.degradedSets))
            json.member("shortened_values", Int(counters.shortenedValues))
            json.member("values_not_numeric", Int(counters.valuesNotNumeric))
            json.member("rounded_sums", Int(counters.roundedSums))
            json.endObject()
        }
        json.endObject()
        json.key("untracked_groups")
        json.beginObject()
        for (name, count) in statistics.untrackedGroups.sorted(by: { $0.key < $1.key }) { json.member(name, count) }
        json.endObject()
        json.member("audit_records", statistics.auditRecords)
        json.member("audit_records_truncated", statistics.auditRecordsTruncated)
        json.member("audit_filter_errors", statistics.auditUndecided)
        json.endObject()
        let file = try FileWriter(path: "\(folder)/stats.json")
        try file.writeLine(Inert.json(json.bytes))
        try file.close()
    }
}

extension PipelineStatistics {
    /// What a user should know of the events that were decoded and are in no count.
    fileprivate var uncountedLines: [String] {
        let late = late.values.reduce(0, +)
        return [
            duplicates > 0 ? "  \(duplicates) CloudTrail events were delivered before, and count once" : nil,
            conflicts > 0
                ? "  \(conflicts) CloudTrail events have the eventID of another one that says something else; all are counted"
                : nil,
            late > 0 ? "  \(late) events are older than --late-horizon allows: late, and in no count" : nil,
            auditUndecided > 0
                ? "  \(auditUndecided) events have no answer to audit.include, and no audit record for it" : nil,
        ].compactMap(\.self)
    }
}

extension RollupCounters {
    /// What a user should know of what did not go where it belongs.
    fileprivate var words: String {
        [
            foldedEvents > 0
                ? "\(foldedEvents) events are in the group (other), beyond the groups that it may have" : nil,
            foldedCells > 0
                ? "\(foldedCells) groups of windows are in the group (other), beyond those that a window may have"
                : nil,
            degradedSets > 0 ? "\(degradedSets) sets of distinct values are estimates" : nil,
            shortenedValues > 0 ? "\(shortenedValues) long values are kept as their beginning and a hash" : nil,
            valuesNotNumeric > 0 ? "\(valuesNotNumeric) values are no numbers, and in no sum" : nil,
            roundedSums > 0 ? "\(roundedSums) sums of slices are no whole numbers, and were rounded" : nil,
        ].compactMap { $0 }.joined(separator: "; ")
    }
}

extension CumulativeOutcome {
    /// What a user should know of the points that were no simple differences.
    fileprivate static func lines(_ counts: [CumulativeOutcome: Int]) -> [String] {
        allCases.compactMap { outcome in
            guard let count = counts[outcome], count > 0 else { return nil }
            let meaning: String? =
                switch outcome {
                case .base:
                    "the first of series that began before these files: nothing is known of what they had counted"
                case .outOfOrder: "not later than one read before: what they count is dated as the later point"
                case .forgotten: "of series forgotten because there were too many: nothing was added"
                case .reset, .refused: nil
                }
            return meaning.map { "  cumulative metrics: \(count) points \($0)" }
        }
    }
}

extension ResourceSet {
    fileprivate mutating func append(_ other: ResourceSet) {
        services += other.services
        objectives += other.objectives
        rollups += other.rollups
        monitors += other.monitors
        notificationTargets += other.notificationTargets
        files.add(other.files)
    }
}
