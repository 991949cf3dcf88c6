import Aggregation
import Counting
import Decoding
import Expressions
import Files
import Objectives
import TelemetryModel

/// Holds selectors against files: which of them match anything there, and what is there that is near to what they ask for.
///
/// It decodes on its own, beside the counting, and keeps names: nothing of it is on the path of an event.
public struct SelectorSurvey {
    /// Read of files at most where nobody says otherwise, as they lie: compressed bytes for what is compressed.
    public static let bytesMaxDefault = 256 << 20

    private let projections: ProjectionSet
    private var tally: SelectorTally
    /// Where the selectors are that are asked for by what they belong to.
    private let places: [Subject: Int]
    public private(set) var files = 0
    /// Files, or parts of them, were left out for the bound on bytes.
    public private(set) var isCut = false
    /// Something could not be read, or not a second time.
    var leavesOut = false
    private var bytes = 0

    /// What was read, where that is not all.
    private var scope: String? {
        if isCut { return "the first \(max(1, bytes >> 20)) MiB" }
        return leavesOut ? "what could be read again" : nil
    }

    private struct Subject: Hashable {
        let name: String
        let part: String?
    }

    /// - Parameter areUnmatched: it is known that what is to be explained matches nothing. `warnings` does not tell then.
    public init(
        objectives: [ServiceLevelObjective], rollups: [RollupDefinition], areUnmatched: Bool = false
    ) throws {
        let selectors = objectives.flatMap(Selector.selectors) + rollups.map(Selector.selector)
        var builders = Dictionary(uniqueKeysWithValues: EventKind.allCases.map { ($0, ProjectionBuilder(kind: $0)) })
        tally = try SelectorTally(selectors, &builders, areUnmatched: areUnmatched)
        places = Dictionary(
            selectors.enumerated().map { (Subject(name: $1.subject, part: $1.part), $0) },
            uniquingKeysWith: { first, _ in first })
        projections = ProjectionSet(
            cloudTrail: builders[.cloudTrail]?.projection, vpcFlow: builders[.vpcFlow]?.projection,
            metric: builders[.metric]?.projection)
    }

    /// Reads files until `bytesMax` bytes of all were read.
    public mutating func read(
        files paths: [String], format: InputFormat = .auto, flowFields: FlowLogFieldList? = nil,
        limits: DecodingLimits = DecodingLimits(), bytesMax: Int = bytesMaxDefault
    ) throws {
        var decoder = StreamDecoder(format: format, projections: projections, limits: limits, flowFields: flowFields)
        for path in paths {
            if bytes >= bytesMax {
                isCut = true
                return
            }
            decoder.beginSource()
            var reader = try UnsafeFileReader(path: path)
            files += 1
            var more = true
            while more {
                if bytes >= bytesMax {
                    isCut = true
                    break
                }
                more = try reader.next { chunk, isWhole in
                    bytes += chunk.byteCount
                    decoder.feed(chunk, isWhole: isWhole, to: &tally)
                }
                while decoder.resume(to: &tally) {}
            }
            decoder.finish(to: &tally)
        }
    }

    public var selectorCount: Int { tally.selectors.count }
    /// Events of all kinds that were decoded.
    public var eventCount: Int { tally.events.values.reduce(0, +) }

    /// Selectors that matched nothing, and those that add up what is published several times.
    public var warnings: [ReportWarning] {
        mutating get {
            tally.selectors.indices.compactMap { place in
                tally.hasNothing(place) ? tally.explanation(of: place, in: scope) : tally.summedDimensions(of: place)
            }
        }
    }

    /// What to say of a part that matched nothing, as a report found; `nil` where this knows no more than the report.
    mutating func explanation(of warning: ReportWarning) -> ReportWarning? {
        guard warning.code == .selectorUnmatched else { return nil }
        return places[Subject(name: warning.subject, part: warning.part)].map { tally.explanation(of: $0, in: scope) }
    }

    var summedDimensions: [ReportWarning] { tally.selectors.indices.compactMap { tally.summedDimensions(of: $0) } }
}
