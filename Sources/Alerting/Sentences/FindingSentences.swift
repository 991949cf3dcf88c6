/// What a person reads of one condition of an objective's alert. Each kind has its file, and nothing but these files has its words.
struct FindingSentences: Equatable {
    /// Behind the objective's name, where the alert opens.
    var summary: String
    /// Behind the objective's name, where it resolves.
    var summaryOfEnd: String
    /// What is over where the alert has others of its kind; `nil` where nothing can be said of all of them.
    var endOfAll: String?
    /// Why it is open, with the numbers.
    var holding: String
    /// Why it is not, with the numbers.
    var notHolding: String
    /// What is left of the budget, as a sentence of its own; `nil` where another says it.
    var remainder: String?

    /// Why an alert opened.
    ///
    /// - Parameter confidence: as a decimal number; `nil` where chance was not asked.
    static func reasonOfOpening(_ conditions: [FindingSentences], confidence: String?) -> String {
        capitalised(conditions.map(\.holding).joined(separator: ", and "))
            + (confidence.map { ", with a confidence of \($0)" } ?? "") + "." + conclusion(conditions)
    }

    /// Behind the objective's name, where an alert with these conditions resolves. Of several none is named: any of them may have
    /// opened it.
    static func summaryOfEnd(_ conditions: [FindingSentences]) -> String? {
        guard conditions.count > 1 else { return conditions.first?.summaryOfEnd }
        let isOneKind = Set(conditions.map(\.endOfAll)).count == 1
        let end = (isOneKind ? conditions[0].endOfAll : nil) ?? "no condition holds any more"
        return end + (conditions.lazy.compactMap(\.remainder).first.map { "; \($0)" } ?? "")
    }

    /// Why an alert resolved.
    ///
    /// - Parameter keptFor: for how long no condition must have held, where that takes time.
    static func reasonOfEnd(_ conditions: [FindingSentences], keptFor: String?) -> String {
        let span = keptFor.map { "For \($0) no condition has held: " } ?? "No condition holds any more: "
        return span + conditions.map(\.notHolding).joined(separator: "; ") + "." + conclusion(conditions)
    }

    private static func conclusion(_ conditions: [FindingSentences]) -> String {
        conditions.lazy.compactMap(\.remainder).first.map { " " + capitalised($0) + "." } ?? ""
    }

    static func capitalised(_ sentence: String) -> String { sentence.prefix(1).uppercased() + sentence.dropFirst() }
}
