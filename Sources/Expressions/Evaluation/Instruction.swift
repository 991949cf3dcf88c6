/// One node of a compiled expression, in an array where operands come before their users.
struct Instruction: BitwiseCopyable, Sendable {
    enum Operation: UInt8, BitwiseCopyable, Sendable {
        /// Constant `a`.
        case constant
        /// The field in slot `a`; as a double where `flag` is set.
        case field
        /// Whether the field in slot `a` is there, its parent being in slot `b`, or -1 where it always is.
        case hasField
        /// The comprehension's variable `a`.
        case variable
        /// The member of object `a` whose key is constant `b`.
        case member
        /// Whether object `a` has a member whose key is constant `b`.
        case hasMember
        /// Element `b` of list `a`.
        case element
        case not
        case negate
        /// Over operands `a..<b`.
        case and
        case or
        /// `a ? b : c`.
        case conditional
        case equal
        case notEqual
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual
        case add
        case subtract
        case multiply
        case divide
        case remainder
        /// `a` among operands `b..<c`.
        case isAmong
        /// `a` in the list or map `b`.
        case isIn
        case startsWith
        case endsWith
        case contains
        /// Text `a` against pattern `b`.
        case matches
        case size
        case toInteger
        case toDouble
        case toText
        case toBool
        case toAddress
        case toNetwork
        case isAddress
        case isNetwork
        /// Network `a` contains address or text `b`.
        case containsAddress
        /// Network `a` contains network or text `b`.
        case containsNetwork
        case family
        /// Predicate `b` over the elements of `a`, each in variable `c`.
        case exists
        case existsOne
        case all
    }

    var operation: Operation
    var flag = false
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
}
