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
    public var history: ObjectiveHistory { ObjectiveHistory(objective: name, definition: definition) }
}

/// What counts belong to: an objective as it was defined once. A changed definition begins another history under the same name.
public struct ObjectiveHistory: Hashable, Sendable {
    public let objective: String
    /// `nil` for counts of which it isn't known.
    public let definition: DefinitionFingerprint?

    public init(objective: String, definition: DefinitionFingerprint?) {
        self.objective = objective
        self.definition = definition
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
