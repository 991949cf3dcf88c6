/// What has to be so in a row, made of leaves.
///
/// A filter asks whether its expression is *true*, which an error is not. That question has no third answer, and it comes apart
/// into such questions: `a && b` is true where both are, `a || b` where one is, whatever error the other is; `!a` is true where
/// `a` is *false*, which is not the same as "not true"; and `a && b` is false where one of them is. So no error is lost on
/// the way, although masks have two values.
struct Condition: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        case always
        case never
        /// Leaf `a`.
        case leaf
        /// Of operands `a..<b`.
        case and
        case or
        /// `a`, and not `b`.
        case butNot
    }

    var kind: Kind
    var a: Int32 = 0
    var b: Int32 = 0
    /// What it costs to find out, beside others.
    var cost: Int32 = 0

    /// Whether it is a leaf that is known of all rows as soon as a batch is taken; no other costs nothing.
    var isLookedUp: Bool { kind == .leaf && cost == 0 }
}

/// A question to a row whose answer is kept: one that has no smaller ones in it, or that is asked often.
struct ConditionLeaf: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// That a field has some value, or begins with some text: known of all rows as soon as a batch is taken.
        case dispatched
        /// That the field in `slot` is there.
        case isThere
        case isText
        case isTrue
        case isFalse
        /// That node `root` of a program comes to `wanted`.
        case program
        /// That condition `root` holds, which several filters ask for and no program has a part in.
        case condition
    }

    var kind: Kind
    var wanted = true
    var slot: Int32 = 0
    var program: Int32 = 0
    var root: Int32 = 0
    /// The same as one simple test, where it is one.
    var test: SimpleTest?
}

/// Where the values are that conditions ask of one field.
struct FieldDispatch: BitwiseCopyable, Sendable {
    var slot: Int32
    /// The first slot of a table of texts, and its size less one, which is a power of two less one; −1 where there is none.
    var texts: (first: Int32, mask: Int32) = (0, -1)
    var integers: (first: Int32, mask: Int32) = (0, -1)
    /// Prefixes in the order of their bytes.
    var prefixes: (first: Int32, count: Int32) = (0, 0)
}

/// A text among those that a field is compared with; empty slots have the leaf −1.
struct TextSlot: BitwiseCopyable, Sendable {
    var hash: UInt32 = 0
    var offset: Int32 = 0
    var length: Int32 = 0
    var leaf: Int32 = -1
    /// The longest of the field's prefixes that the text begins with, or −1.
    var prefix: Int32 = -1
}

struct IntegerSlot: BitwiseCopyable, Sendable {
    var value: Int64 = 0
    var leaf: Int32 = -1
}

struct PrefixEntry: BitwiseCopyable, Sendable {
    var offset: Int32
    var length: Int32
    var leaf: Int32
    /// The longest of the others that this one begins with, or −1: whatever begins with this begins with that too.
    var parent: Int32
}
