import TelemetryModel

/// What was counted of an objective by another definition than its present one: in no number of its report.
public struct FormerHistory: Sendable, Equatable, Comparable {
    /// `nil` where records don't tell it.
    public let definition: DefinitionFingerprint?
    /// From the first slice with counts to the end of the last.
    public let from: Timestamp?
    public let to: Timestamp?

    public init(definition: DefinitionFingerprint?, from: Timestamp?, to: Timestamp?) {
        self.definition = definition
        self.from = from
        self.to = to
    }

    /// Of one definition: of an objective, or of all its groups.
    init(_ ledgers: [ObjectiveLedger]) {
        self.init(
            definition: ledgers.first?.terms.definition, from: ledgers.compactMap(\.countingBegan).min(),
            to: ledgers.compactMap(\.dataEnd).max())
    }

    public static func < (left: FormerHistory, right: FormerHistory) -> Bool {
        let (one, other) = (left.to?.nanoseconds ?? .min, right.to?.nanoseconds ?? .min)
        return (one, left.definition?.rawValue ?? 0) < (other, right.definition?.rawValue ?? 0)
    }
}

extension ReportWarning {
    /// That an objective's definition was changed: since when is counted by the present one, and what there is of others.
    public init(former: [FormerHistory], since: Timestamp?, of objective: String) {
        let earlier = former.map { history in
            let name = history.definition.map { "definition \($0)" } ?? "a definition that records don't tell"
            guard let from = history.from, let to = history.to else { return "by \(name)" }
            return "from \(from) to \(to) by \(name)"
        }
        let begin = since.map { "counted since \($0)" } ?? "nothing is counted yet"
        self.init(
            code: .definitionChanged, subject: "SLO \(objective)",
            text: "\(begin): the definition changed; what was counted before is in no number here: "
                + earlier.joined(separator: ", "))
    }
}

extension SLOReport {
    /// Says of each objective whose definition was changed since when it is counted by the present one.
    public mutating func note(_ former: [String: [FormerHistory]], ledgers: some Collection<ObjectiveLedger>) {
        let began = Dictionary(ledgers.map { ($0.terms.name, $0.countingBegan) }) { one, other in
            [one, other].compactMap(\.self).min()
        }
        for place in entries.indices {
            let name = entries[place].terms.name
            guard let former = former[name], !former.isEmpty else { continue }
            entries[place].former = former
            entries[place].warnings.append(ReportWarning(former: former, since: began[name] ?? nil, of: name))
        }
    }
}

extension ObjectiveLedger {
    /// Whether there is anything of it that a window record says.
    package var hasBlocks: Bool { !blocks.isEmpty || !downsampled.isEmpty }

    /// The log's offset that the newest counts include.
    var stamp: Int64 {
        max(blocks.map(\.version.stamp).max() ?? .min, downsampled.map(\.version.stamp).max() ?? .min)
    }
}
