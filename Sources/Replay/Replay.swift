import Aggregation
import Alerting
import Counting
import Decoding
import Evaluation
import Files
import Foundation
import Objectives
import Planning
import Reporting
import TelemetryModel
import Text

/// The whole pipeline over files: no broker, no clock, and the same bytes out for the same bytes in.
public final class Replay {
    public struct Options: Sendable {
        public var format: InputFormat = .auto
        public var flowFields: FlowLogFieldList?
        public var limits = DecodingLimits()
        /// How far behind the event time of its file an event still counts; `nil` calls nothing late.
        public var latenessHorizonNanoseconds: Int64?
        /// How long after a slice's end it is judged for good; `nil`: as long as the kinds of event ask for that its objective reads.
        public var allowedLatenessNanoseconds: Int64?
        /// The clock that decides what is dated in the future; `nil` believes every date.
        public var now: Timestamp?
        /// How much later than the clock an event may be dated.
        public var futureToleranceNanoseconds: Int64 = 300_000_000_000
        /// Whether a CloudTrail event that is delivered again counts once. Files have no offsets: all of them together are one
        /// source, and none of its events is forgotten.
        public var removesDuplicates = true
        /// What audit records say of when their events were taken in; `nil` says nothing, so that each run gives the same bytes.
        public var processedAt: Timestamp?
        /// How many bytes the tables of rollups take before their cells are put aside in a file, which takes some ten times as long as
        /// counting them.
        package var rollupBytesMax = 256 << 20
        /// Read again at most, to find names that are near to those of selectors that matched nothing.
        package var surveyBytesMax = 64 << 20
        /// Where outputs go; `nil` computes the report alone.
        public var outputFolder: String?
        /// The time that the report is for; `nil` is the end of the newest slice with data.
        public var reportTime: Timestamp?

        /// What the report says of who made it.
        public var provenance: Provenance?

        public init() {}
    }

    public struct Result: Sendable {
        public let statistics: PipelineStatistics
        public let report: SLOReport
        /// Those of SLOs only where the plan puts alerts out.
        public let alerts: [AlertTransition]
    }

    let plan: PipelinePlan
    let options: Options
    private let folder: OutputFolder?

    public init(plan: PipelinePlan, options: Options) throws(OutputFailure) {
        self.plan = plan
        self.options = options
        if let path = options.outputFolder {
            folder = try OutputFolder(path: path, outputs: plan.outputs)
        } else {
            folder = nil
        }
    }

    /// Reads the files in the order given. `progress` is told the bytes read so far, once for each chunk.
    public func run(files: [String], progress: (Int) -> Void = { _ in }) throws -> Result {
        let sink: any RecordSink = folder ?? DiscardingSink()
        var counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: options.latenessHorizonNanoseconds,
            cursor: .file(name: ""), sink: sink,
            identities: options.removesDuplicates ? .all : nil)
        counter.tellArrivals()
        counter.processedAt = options.processedAt
        counter.notAfter = options.now?.advanced(by: options.futureToleranceNanoseconds)
        let spills = try makeSpills()
        var kinds = EvaluatedKinds(EvaluationTerms(plan: plan))
        kinds.judgeByArrival { [options] kinds in
            options.allowedLatenessNanoseconds ?? kinds.map(\.allowedLatenessNanoseconds).max() ?? 0
        }
        var decoder = plan.makeStreamDecoder(
            format: options.format, flowFields: options.flowFields, limits: options.limits)
        var reader = UnsafeFileReader()
        for file in files {
            counter.beginFile(named: file)
            decoder.beginSource()
            try reader.begin(path: file)
            var trace = FileTrace(name: file)
            var more = true
            while more {
                if !decoder.resume(to: &counter) {
                    more = try reader.next { chunk, isWhole in
                        counter.countBytes(chunk.byteCount)
                        decoder.feed(chunk, isWhole: isWhole, to: &counter)
                    }
                }
                trace.note(counter.takeHours(), recordsSeen: decoder.recordsSeen)
                // The tables are looked at only where there may be as much.
                let isFull =
                    counter.rollupBytes >= options.rollupBytesMax / 8
                    && counter.rollupTableBytes >= options.rollupBytesMax
                if counter.hasManySlices || isFull { counter.takeObjectives { kinds.add($0) } }
                for (index, spill) in spills.enumerated()
                where isFull || counter.rollups[index].engine.windowCount >= RollupSpill.windowsMax {
                    try spill.take { cell throws(OutputFailure) in
                        try counter.takeRollup(index, forgettingGroups: true, cell)
                    }
                }
                progress(counter.bytesSeen)
                if let failure = folder?.failure { throw failure }
            }
            decoder.finish(to: &counter)
            trace.note(counter.takeHours(), recordsSeen: decoder.recordsSeen)
            trace.end(in: &kinds)
        }
        counter.takeObjectives { kinds.add($0) }
        let (alerts, untracked) = try evaluate(counter, spills, &kinds)
        var statistics = counter.statistics
        statistics.untrackedGroups = untracked
        for (spill, rollup) in zip(spills, plan.rollups) {
            statistics.note(spill.counters, of: rollup.plan.definition.name)
        }
        let ledgers = kinds.objectives?.ledgers ?? []
        var report = SLOReport(
            at: options.reportTime, ledgers: ledgers, origin: statistics.origin(files: files.count))
        report.provenance = options.provenance
        if plan.outputs.contains(.report) { explainSelectors(of: &report, counter, files: files) }
        try write(alerts, ledgers, report)
        return Result(statistics: statistics, report: report, alerts: alerts)
    }

    /// Without a folder for results few ask for rollups, and those have no more room in memory than others.
    private func makeSpills() throws -> [RollupSpill] {
        if plan.rollups.isEmpty { return [] }
        let scratch = try folder.map { ScratchFolder(existing: $0.scratch) } ?? ScratchFolder()
        return plan.rollups.map { RollupSpill($0.plan, in: scratch) }
    }

    private func evaluate(
        _ counter: borrowing PartitionCounter, _ spills: [RollupSpill], _ kinds: inout EvaluatedKinds
    ) throws -> (alerts: [AlertTransition], untrackedGroups: [String: Int]) {
        var transitions: [AlertTransition] = []
        // Windows of what was spilled come from an engine that forgets groups in between, and numbers them anew.
        kinds.tellGroupsApart(by: spills.allSatisfy(\.isEmpty) ? .number : .digest)
        for (index, box) in counter.rollups.enumerated() {
            transitions += try evaluate(
                rollup: index, box, spills[index], &kinds, newest: counter.newest[box.engine.plan.definition.source])
        }
        if plan.outputs.contains(.alerts) { transitions += kinds.evaluateAll() }
        var alerts = KnownAlerts()
        return (
            AlertOrder.sorted(transitions.map { kinds.described($0) }).compactMap { alerts.announce($0) },
            kinds.untrackedGroups.filter { $0.value > 0 }
        )
    }

    /// Closes the windows of one rollup in their order: writes them, and shows them to what watches them, up to the window of the
    /// newest data of its kind.
    private func evaluate(
        rollup index: Int, _ box: EngineBox, _ spill: RollupSpill, _ kinds: inout EvaluatedKinds, newest: Timestamp?
    ) throws -> [AlertTransition] {
        let plan = plan.rollups[index].plan
        var transitions: [AlertTransition] = []
        var csv = RollupCSVWriter()
        var file: FileWriter?
        if self.plan.rollups[index].isWritten, let folder {
            file = try folder.file("rollups/\(plan.definition.name).csv")
            try file?.write(RollupCSVWriter.header(plan))
        }
        let flags = try AnomalyFiles(folder, self.plan, rollup: index)
        try RollupSpill.forEachWindow(of: box, spill) { window in
            if let file {
                try csv.write(window) { (bytes: RawSpan) throws(OutputFailure) in
                    try file.write(bytes)
                }
            }
            transitions += kinds.take(window, rollup: index)
            flags.write(kinds.takeFlags())
        }
        if let newest {
            let end = newest.windowStart(length: plan.definition.windowNanoseconds)
                .advanced(by: plan.definition.windowNanoseconds)
            transitions += kinds.pass(through: end, rollup: index)
            flags.write(kinds.takeFlags())
        }
        if let file {
            try csv.finish { (bytes: RawSpan) throws(OutputFailure) in try file.write(bytes) }
            try file.close()
        }
        try flags.close()
        return transitions
    }

    private func write(_ alerts: [AlertTransition], _ ledgers: [ObjectiveLedger], _ report: SLOReport) throws {
        guard let folder else { return }
        if plan.outputs.contains(.alerts) {
            let file = try folder.file("alerts.ndjson")
            for alert in alerts { try file.writeLine(alert.json) }
            try file.close()
        }
        if plan.outputs.contains(.windows) {
            let file = try folder.file("windows.ndjson")
            for ledger in ledgers {
                for record in ledger.records { try file.writeLine(Inert.json(record.json)) }
            }
            try file.close()
        }
        if plan.outputs.contains(.report) {
            let file = try folder.file("report.json")
            try file.writeLine(report.json)
            try file.close()
        }
        try folder.close()
    }
}

/// Which records of a file had events in which hour, for the report's sources.
private struct FileTrace {
    private struct Hour {
        let first: Int
        var last: Int
        /// The minute of the earliest record.
        var earliest: Timestamp
    }

    private let name: String
    private var firstRecord = 0
    private var hours: [EventKind: [Timestamp: Hour]] = [:]

    init(name: String) {
        self.name = name
    }

    /// Notes that the records since the last call had events in these hours, from these minutes on.
    mutating func note(_ hours: [CountedHours.Hour], recordsSeen: Int) {
        defer { firstRecord = recordsSeen }
        guard recordsSeen > firstRecord else { return }
        for hour in hours {
            var known = self.hours[hour.kind]?[hour.start] ?? Hour(first: firstRecord, last: 0, earliest: hour.earliest)
            known.last = recordsSeen - 1
            known.earliest = min(known.earliest, hour.earliest)
            self.hours[hour.kind, default: [:]][hour.start] = known
        }
    }

    /// Tells it of the whole file, once for each hour: each objective has to be told.
    func end(in kinds: inout EvaluatedKinds) {
        for kind in EventKind.allCases {
            for (_, hour) in (hours[kind] ?? [:]).sorted(by: { $0.key < $1.key }) {
                kinds.note(
                    SourceSpan(source: .file(name: name), first: Int64(hour.first), last: Int64(hour.last)),
                    kind: kind, hour: hour.earliest)
            }
        }
    }
}
