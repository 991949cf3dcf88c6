/// What an objective promises, without how it is measured: all that a report needs beside the counts.
public struct ObjectiveTerms: Sendable, Equatable {
    public var name: String
    public var displayName: String?
    public var service: String
    public var window: ComplianceWindow
    public var method: BudgetingMethod
    public var target: Ratio

    public init(
        name: String, displayName: String? = nil, service: String, window: ComplianceWindow, method: BudgetingMethod,
        target: Ratio
    ) {
        self.name = name
        self.displayName = displayName
        self.service = service
        self.window = window
        self.method = method
        self.target = target
    }
}

extension ServiceLevelObjective {
    public var terms: ObjectiveTerms {
        ObjectiveTerms(
            name: name, displayName: displayName, service: service, window: window, method: method, target: target)
    }
}

extension ComplianceWindow {
    public var nanoseconds: Int64 {
        switch self {
        case .rolling(let nanoseconds): nanoseconds
        }
    }
}
