/// What an objective promises, without how it is measured: all that a report needs beside the counts.
public struct ObjectiveTerms: Sendable, Equatable {
    public var name: String
    public var displayName: String?
    public var service: String
    public var window: ComplianceWindow
    public var method: BudgetingMethod
    public var target: Ratio
    /// By which definition was counted; `nil` where that is not known, as in records of the first version.
    public var definition: DefinitionFingerprint?
    /// Whether what was counted before records said their definition belongs to this one.
    public var adoptsUnbound = false
    /// Where it has groups, of which one this is.
    public var group: ObjectiveGroup?
    /// Of what is counted together because there are more groups than are kept apart: from where in the log.
    public var foldedFrom: FoldPoint?

    public init(
        name: String, displayName: String? = nil, service: String, window: ComplianceWindow, method: BudgetingMethod,
        target: Ratio, definition: DefinitionFingerprint? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.service = service
        self.window = window
        self.method = method
        self.target = target
        self.definition = definition
    }

    /// Whose counts these are.
    public var history: ObjectiveHistory {
        ObjectiveHistory(objective: name, definition: definition, group: group)
    }

    /// The objective's name, and behind it its group, as people read it: `api{dimensions.tenant=acme}`.
    public var title: String { group.map { "\(name){\($0.text)}" } ?? name }

    /// By name, and by group.
    func precedes(_ other: ObjectiveTerms) -> Bool {
        if name != other.name { return name < other.name }
        guard let group, let another = other.group else { return group == nil && other.group != nil }
        return group < another
    }

    /// The same of one of its groups.
    public func of(_ group: ObjectiveGroup) -> ObjectiveTerms {
        var terms = self
        terms.group = group
        return terms
    }
}

/// What counts belong to: an objective as it was defined once, or a group of it. A changed definition begins another history under the same name.
public struct ObjectiveHistory: Hashable, Sendable {
    public let objective: String
    /// `nil` for counts of which it isn't known.
    public let definition: DefinitionFingerprint?
    /// Where it has groups, of which one.
    public let group: ObjectiveGroup?

    public init(objective: String, definition: DefinitionFingerprint?, group: ObjectiveGroup? = nil) {
        self.objective = objective
        self.definition = definition
        self.group = group
    }

    /// The same of one of its groups.
    public func of(_ group: ObjectiveGroup) -> ObjectiveHistory {
        ObjectiveHistory(objective: objective, definition: definition, group: group)
    }
}

extension ServiceLevelObjective {
    /// Without the definition, which is a matter of the resources that it was read from.
    public var terms: ObjectiveTerms {
        ObjectiveTerms(
            name: name, displayName: metadata.displayName, service: service, window: window, method: method,
            target: target)
    }
}
