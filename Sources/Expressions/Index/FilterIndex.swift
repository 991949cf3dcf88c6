import Statistics
import TelemetryModel

/// All filters over one kind of event, compiled into one structure: what an event costs depends on how many of them it passes, and
/// hardly on how many there are.
///
/// Filters come as *selectors*: one filter for the whole, and parts of what passes it, as an objective's good events are of all.
/// Each filter becomes conditions, and a condition that several filters have in common is one, as is a selector that is asked for several
/// times: objectives that differ in their targets count the same. Those that compare a field with
/// a text or a number, or ask for its beginning, are looked up by the field's value; a selector whose filter needs one of them to
/// be true is looked at only where it is. What is left, expressions of any kind, runs for the rows that passed everything else, and
/// once for each.
///
/// What it says of a row is what `Program.matches` says. Immutable; `FilterMatches` holds what is known of a batch.
public struct FilterIndex: Sendable {
    struct Conjunction: BitwiseCopyable, Sendable {
        /// Of `conjunctions`, the cheapest first; all must hold.
        var first: Int32
        var end: Int32
    }

    /// Of what passes a selector's whole.
    struct Part: BitwiseCopyable, Sendable {
        var conditions: Conjunction
        /// Where the part is one question to a field, as most are: that leaf, or −1.
        var leaf: Int32 = -1
        /// It is the rows in which the leaf is not true.
        var isOpposite = false
    }

    struct Selector: BitwiseCopyable, Sendable {
        var whole: Conjunction
        /// Of `parts`.
        var firstPart: Int32
    }

    /// A selector that is looked at where a leaf is true that is looked up.
    struct Attachment: BitwiseCopyable, Sendable {
        var selector: Int32
        /// Another leaf that is looked up and has to be true too; the leaf itself where there is none.
        var other: Int32
        /// What has to hold beside the two.
        var rest: Conjunction
        /// It is attached to several leaves, one of which has to be true. All of its conditions are in `rest` then.
        var isShared = false
    }

    var conditions: [Condition] = []
    var operands: [Int32] = []
    var leaves: [ConditionLeaf] = []
    var programs: [Program] = []
    var literals: [UInt8] = []
    var fields: [FieldDispatch] = []
    var texts: [TextSlot] = []
    var integers: [IntegerSlot] = []
    var prefixes: [PrefixEntry] = []
    var conjunctions: [Int32] = []
    var parts: [Part] = []
    /// In the order in which they are looked at, so that what belongs to neighbours lies together.
    var selectors: [Selector] = []
    /// By selector: the places of the selections that it is. Those that ask the same are one selector.
    public internal(set) var selections = JaggedArray<Int>()
    /// By leaf: the selectors that are looked at when it is true.
    var attached = JaggedArray<Attachment>()
    /// The selectors that are looked at in any case.
    var unattached: [Int32] = []

    static let hash = KeyedHash.processLocal

    /// What is asked of the events of a kind.
    public struct Selection: Sendable {
        /// `nil` lets everything pass.
        let whole: Program?
        /// Of what passes the whole.
        let parts: [Program?]
        /// Whether a row that passes no part is of no interest.
        let needsPart: Bool

        public init(whole: Program?, parts: [Program?] = [], needsPart: Bool = false) {
            self.whole = whole
            self.parts = parts
            self.needsPart = needsPart
        }
    }

    /// - Parameter selections: over one projection.
    public init(_ selections: [Selection]) {
        var builder = FilterIndexBuilder()
        for selection in selections { builder.add(selection) }
        self = builder.build()
    }

    init() {}
}
