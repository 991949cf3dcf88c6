/// The parts of an SLO that select records: good or bad, and total.
///
/// Of each block it is known which of them matched no record, so that a misspelt name is said and not read as "nothing was
/// bad".
public struct SelectorParts: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    // Computed, so that no call asks whether they are made.
    public static var good: SelectorParts { SelectorParts(rawValue: 1) }
    public static var bad: SelectorParts { SelectorParts(rawValue: 2) }
    public static var total: SelectorParts { SelectorParts(rawValue: 4) }
    public static let all: SelectorParts = [.good, .bad, .total]

    /// As an SLO's file calls them, total first: without it the others say nothing.
    private static let named: [(name: String, part: SelectorParts)] = [
        ("total", .total), ("good", .good), ("bad", .bad),
    ]

    public var names: [String] { SelectorParts.named.filter { contains($0.part) }.map(\.name) }

    /// `nil` for a name that is none of the three.
    init?(name: String) {
        guard let part = SelectorParts.named.first(where: { $0.name == name })?.part else { return nil }
        self = part
    }
}

extension ServiceLevelObjective {
    /// What is counted of this objective: a threshold counts what it compares, and which of that is good.
    public var selectorParts: SelectorParts {
        switch indicator.form {
        case .ratio(let good, _, _): good == nil ? [.bad, .total] : [.good, .total]
        case .threshold: [.total]
        }
    }
}
