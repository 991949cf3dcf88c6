import Accounting

/// How many records of a source partition were counted from a point on, none of those between left out: the value `records` of its
/// state.
///
/// This release does not tell it. A binary that stands for the next one does (see `RecordForm.next`), which shows that a value is
/// exact, and is kept by those who do not know it.
package struct CountedRecords {
    package static let name = "records"

    package let since: SourcePoint
    package internal(set) var count: Int64 = 0

    init(since: SourcePoint) {
        self.since = since
    }

    /// Goes on where the value that was found ends at `position`. Where it ends before, records between were counted by somebody who does
    /// not know it.
    init(_ state: SourceState, at position: SourcePoint) {
        if let value = state.values[CountedRecords.name], value.through == position,
            let known = CountedRecords(value.text)
        {
            self = known
        } else {
            self.init(since: position)
        }
    }

    /// `COUNT@INCARNATION:OFFSET`; `nil` for what is not.
    package init?(_ text: String) {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, let count = Int64(sides[0]), count >= 0 else { return nil }
        let numbers = sides[1].split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2, let incarnation = Int32(numbers[0]), let offset = Int64(numbers[1]) else {
            return nil
        }
        self.init(since: SourcePoint(incarnation: incarnation, offset: offset))
        self.count = count
    }

    var text: String { "\(count)@\(since.incarnation):\(since.offset)" }
}
