import TelemetryModel
import Text

/// Something that makes a number doubtful although it is exact: a selector that matched nothing, or one that adds up what
/// is published several times.
public struct ReportWarning: Sendable, Equatable {
    public enum Code: String, Sendable {
        /// A part of an SLO, or a rollup, matched no record.
        case selectorUnmatched = "selector_unmatched"
        /// One selector adds up series of a metric that differ in their dimensions' names, as AWS publishes them: the same
        /// requests by load balancer, and again by zone.
        case dimensionSetsSummed = "dimension_sets_summed"
        /// What was counted before an SLO's slices or its method were changed can't be joined to it.
        case historySuperseded = "history_superseded"
        /// An SLO counts otherwise than before, so that its history began anew.
        case definitionChanged = "definition_changed"
        /// The resources of the report know no SLO of this name: it was removed, or somebody else has written it.
        case objectiveUnknown = "slo_unknown"
        /// Records of a topic of our own carry no right authentication code, and were passed over.
        case recordsUnauthentic = "records_unauthentic"
    }

    public var code: Code
    /// What it is about: `SLO shop-availability`, `Rollup rejects`.
    public var subject: String
    /// `total`, `good` or `bad` of an SLO.
    public var part: String?
    /// A sentence without the subject.
    public var text: String
    /// Names that were seen and are near to those asked for, the nearest first.
    public var near: [String]

    public init(code: Code, subject: String, part: String? = nil, text: String, near: [String] = []) {
        self.code = code
        self.subject = subject
        self.part = part
        self.text = text
        self.near = near
    }

    /// One line for a terminal, whatever the names that were seen hold.
    public var line: String { Inert.line("\(subject): \(text)") }
}

extension ReportWarning {
    /// That so many blocks of an SLO's history are skipped, because it was defined otherwise.
    public init(superseded blocks: Int, of objective: String) {
        let records = blocks == 1 ? "1 record of earlier counts is" : "\(blocks) records of earlier counts are"
        self.init(
            code: .historySuperseded, subject: "SLO \(objective)",
            text: "\(records) left out: its slices or its method were changed, and history began anew")
    }

    /// - Parameter text: how many, and why.
    public init(unauthentic text: String, in topic: String) {
        self.init(code: .recordsUnauthentic, subject: "Topic \(topic)", text: text)
    }

    /// What an SLO's own history tells: that a part matched nothing in the window, and no more.
    init(unmatched part: String, of terms: ObjectiveTerms, total: Int128) {
        let text =
            part == "total"
            ? "total matched no record"
            : "\(part) matched no record: either nothing was \(part), or its selector is wrong"
        self.init(code: .selectorUnmatched, subject: "SLO \(terms.title)", part: part, text: text)
    }
}
