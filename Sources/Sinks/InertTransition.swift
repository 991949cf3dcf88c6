import Alerting
import TelemetryModel
import Text

/// A transition as people are told it: the only form of it that a ``Sink`` gets.
///
/// Its texts come from records, or from whoever may write into the feed. Here they are made inert once, for all sinks: the sentences
/// (summary, reason, source, those among the details) are without markup, links and mentions of whatever shows them; every other text is one line
/// without control and format characters, and otherwise as it is, because receivers tell alerts apart by labels. A link leads to
/// the web or is left out. The feed has everything as it came.
public struct InertTransition: Sendable, Equatable {
    let transition: AlertTransition
    public var alert: Alert { transition.alert }
    public var reason: String { transition.reason }
    /// Where its records lie, in lines for people.
    var sources: [String] { transition.sourceLines.map(Inert.sentence) }
    /// Of the event that says it.
    public func eventID() -> String { transition.eventID() }
    /// The record of the feed, made of inert texts.
    public var json: [UInt8] { transition.json }

    public init(_ transition: AlertTransition) {
        var inert = transition
        let alert = transition.alert
        inert.alert = Alert(
            dedupKey: alert.dedupKey.inert, severity: alert.severity, status: alert.status,
            summary: Inert.sentence(alert.summary), source: Inert.sentence(alert.source), time: alert.time,
            openedAt: alert.openedAt)
        inert.alert.kind = alert.kind.map(Inert.sentence)
        inert.alert.labels = InertTransition.inert(alert.labels, Inert.blanked)
        inert.alert.annotations = InertTransition.inert(alert.annotations, Inert.blanked)
        inert.alert.details = InertTransition.inert(alert.details) { InertTransition.inert($0) }
        inert.alert.links = alert.links.compactMap { link in
            guard let href = InertTransition.address(link.href) else { return nil }
            return Alert.Link(href: href, text: link.text.map(Inert.sentence))
        }
        inert.reason = Inert.sentence(transition.reason)
        for place in inert.sources.indices { inert.sources[place].first = inert.sources[place].first.inert }
        self.transition = inert
    }

    /// Of two names that become one, either is kept.
    private static func inert<Value>(_ members: [String: Value], _ value: (Value) -> Value) -> [String: Value] {
        Dictionary(members.map { (Inert.sentence($0), value($1)) }, uniquingKeysWith: { first, _ in first })
    }

    private static func inert(_ value: AlertValue) -> AlertValue {
        switch value {
        case .text(let text): .text(Inert.sentence(text))
        case .list(let values): .list(values.map { inert($0) })
        case .object(let members): .object(inert(members) { inert($0) })
        case .integer, .decimal, .bool, .null: value
        }
    }

    /// An address of the web without anything but printable ASCII; nil for any other, such as of a script.
    private static func address(_ text: String) -> String? {
        let isWeb = ["https://", "http://"].contains { text.lowercased().hasPrefix($0) }
        return isWeb && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) && ![0x22, 0x3C, 0x3E].contains($0) }
            ? text : nil
    }
}

extension SourcePosition {
    /// With a name that is one line.
    fileprivate var inert: SourcePosition {
        switch self {
        case .file(let name, let record): .file(name: Inert.blanked(name), record: record)
        case .kafka(let topic, let partition, let offset, let record):
            .kafka(topic: Inert.blanked(topic), partition: partition, offset: offset, record: record)
        }
    }
}

extension DedupKey {
    /// The key itself but for one that somebody wrote into the feed by hand. The same for trigger and resolve.
    fileprivate var inert: DedupKey { DedupKey(text: Inert.blanked(text)) ?? self }
}
