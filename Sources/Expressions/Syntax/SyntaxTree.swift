/// A parsed expression: nodes in one array, children before their parents, so that nothing of it recurses when freed.
struct SyntaxTree {
    struct Node {
        var kind: Kind
        /// Bytes of source before the place that messages about this node point to.
        var offset: Int
        /// Nodes on the longest way down to a leaf.
        var height: Int
    }

    enum Kind {
        case literal(Literal)
        case list([Int])
        case identifier(String)
        case select(Int, String)
        case index(Int, Int)
        case call(String, target: Int?, arguments: [Int])
        case not(Int)
        case negate(Int)
        /// `&&` or `||` of two or more.
        case logical(isAnd: Bool, [Int])
        case binary(BinaryOperator, Int, Int)
        case conditional(Int, Int, Int)
    }

    enum Literal: Equatable {
        case null
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case text([UInt8])
    }

    /// Raw values are the operators as written.
    enum BinaryOperator: String {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"

        /// From 1, the loosest. `||` and `&&` are looser still.
        var precedence: Int {
            switch self {
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn: 1
            case .add, .subtract: 2
            case .multiply, .divide, .remainder: 3
            }
        }
    }

    var nodes: [Node] = []
    var root = 0

    subscript(node: Int) -> Node { nodes[node] }
}
