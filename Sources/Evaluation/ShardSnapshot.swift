import Accounting
import Objectives
import TelemetryModel

/// What a shard's evaluator knows, as of one moment: what metrics, pages and interfaces read while it goes on.
///
/// A value that nobody changes. It is made when results were published, so it says nothing that is not in the topics too.
package struct ShardSnapshot: Sendable {
    /// The next entry of the shard's log.
    package let next: Int64
    /// Windows that end by then are over, of whatever they read; `nil` while a source has not been heard of.
    package let closedBefore: Timestamp?
    package let openAlerts: Int
    /// Of objectives as they are defined now.
    package let histories: Int
    /// Of other definitions, and of objectives that are not defined here.
    package let formerHistories: Int
    /// Of each objective that has groups, how many are kept apart, and whether others are counted together.
    package let groupCounts: [(objective: String, kept: Int, hasOther: Bool)]
    /// Without groups, of which there may be a hundred thousand. As of the end of the newest slice with data; without entries before anything was counted. Reports cost more than the rest, so they may be of a moment before.
    package let report: SLOReport
    /// The parts of each objective that select, by its name.
    package let selectorParts: [String: SelectorParts]

    /// - Parameter report: one from before, which is made anew where it is `nil`.
    package init(of owner: OwnedShard, report: SLOReport?, selectorParts: [String: SelectorParts]?) {
        let content = owner.evaluator.content
        next = owner.evaluator.next
        closedBefore = owner.evaluator.closedBefore.least
        openAlerts = content.alerts.openCount
        histories = content.objectives.ledgers.count { $0.terms.group == nil }
        groupCounts = content.objectives.groupCounts
        formerHistories = content.objectives.former.ledgers.count
        let end = content.objectives.ledgers.compactMap(\.dataEnd).max() ?? content.judged.windows.least
        self.report = report ?? end.map { content.report(at: $0) } ?? SLOReport(ledgers: [])
        self.selectorParts =
            selectorParts
            ?? Dictionary(
                uniqueKeysWithValues: content.objectives.ledgers.filter { $0.terms.group == nil }.map {
                    ($0.terms.name, $0.selectorParts)
                })
    }
}
