import TelemetryModel

/// What an expression means as text: two sources that differ in layout, quotes, parentheses, or in an order that changes
/// nothing, have one.
///
/// An objective's history belongs to what it counts, and this text represents it: it must stay the same on every machine and
/// in every release, or histories begin anew for no reason. So it is made from the parsed source, and not from the program
/// that is compiled from it. Not every pair of equal meaning has one text: `!(a == b)` and `a != b` differ here, and a history
/// is then begun without need, which is said. No two of different meaning ever have one.
///
/// Made the same: operands of `&&` and `||`, which CEL allows in any order and twice; both sides of `==`
/// and `!=`; `a > b` and `b < a`; literals in a list after `in`; `a.b` and `a["b"]`; `size(a)` and `a.size()`, `matches` likewise;
/// the name of a comprehension's variable.
public struct CanonicalExpression: Sendable, Equatable {
    /// The conditions that must all hold, each once, in the order of their bytes; one for what is no conjunction.
    public private(set) var conditions: [[UInt8]]

    /// A source that doesn't parse represents itself.
    public init(_ source: String) {
        guard let tree = try? Parser.parse(Array(source.utf8)) else {
            conditions = [CanonicalWriter.call("unparsed", [CanonicalWriter.quoted(Array(source.utf8))])]
            return
        }
        conditions = CanonicalWriter(tree: tree).operands(of: tree.root, isAnd: true)
    }

    /// A field of the event, as an expression that is its value.
    public init(_ path: FieldPath) {
        var text = Array("event".utf8)
        for component in path.components {
            switch component {
            case .key(let key): text = CanonicalWriter.call("select", [text, CanonicalWriter.quoted(Array(key.utf8))])
            case .index(let index): text = CanonicalWriter.call("index", [text, Array("\(index)".utf8)])
            }
        }
        conditions = [text]
    }

    /// Leaves out the conditions that `other` asks for too.
    public mutating func subtract(_ other: CanonicalExpression) {
        conditions.removeAll { other.conditions.contains($0) }
    }

    public var text: [UInt8] { CanonicalWriter.call("and", conditions) }
}

/// Writes nodes as `name(operand,…)`, texts in quotes, so that every bracket and comma outside of quotes is the form's own.
///
/// Bytes are compared and not strings, which Swift takes for equal when they look alike.
private struct CanonicalWriter {
    let tree: SyntaxTree
    /// The comprehensions' variables in force, the outermost first.
    private var variables: [String] = []

    init(tree: SyntaxTree) {
        self.tree = tree
    }

    static func call(_ name: String, _ operands: [[UInt8]]) -> [UInt8] {
        Array(name.utf8) + [UInt8(ascii: "(")] + Array(operands.joined(separator: [UInt8(ascii: ",")]))
            + [UInt8(ascii: ")")]
    }

    static func quoted(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8(ascii: "\"")]
        for byte in bytes {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
        return text
    }

    /// Each once, in the order of their bytes.
    static func unordered(_ operands: [[UInt8]]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for operand in operands.sorted(by: { $0.lexicographicallyPrecedes($1) }) where result.last != operand {
            result.append(operand)
        }
        return result
    }

    /// What `&&` or `||` joins at this node and, where that is the same, below it.
    func operands(of node: Int, isAnd: Bool) -> [[UInt8]] {
        func flat(_ node: Int) -> [[UInt8]] {
            if case .logical(isAnd, let operands) = tree[node].kind { return operands.flatMap(flat) }
            return [text(node)]
        }
        return CanonicalWriter.unordered(flat(node))
    }

    private func text(_ node: Int) -> [UInt8] {
        switch tree[node].kind {
        case .literal(let literal): return text(literal)
        case .list(let elements): return CanonicalWriter.call("list", elements.map(text))
        case .identifier(let name):
            if let place = variables.lastIndex(of: name) { return Array("$\(place)".utf8) }
            return Array(name.utf8)
        case .select(let object, let field):
            return CanonicalWriter.call("select", [text(object), CanonicalWriter.quoted(Array(field.utf8))])
        case .index(let object, let key):
            if case .literal(.text(let field)) = tree[key].kind {
                return CanonicalWriter.call("select", [text(object), CanonicalWriter.quoted(field)])
            }
            return CanonicalWriter.call("index", [text(object), text(key)])
        case .call(let name, let target, let arguments): return call(name, target: target, arguments)
        case .not(let operand): return CanonicalWriter.call("not", [text(operand)])
        case .negate(let operand): return CanonicalWriter.call("negate", [text(operand)])
        case .logical(let isAnd, _):
            let operands = operands(of: node, isAnd: isAnd)
            return operands.count == 1 ? operands[0] : CanonicalWriter.call(isAnd ? "and" : "or", operands)
        case .binary(let operation, let left, let right): return binary(operation, left, right)
        case .conditional(let condition, let whenTrue, let whenFalse):
            return CanonicalWriter.call("if", [text(condition), text(whenTrue), text(whenFalse)])
        }
    }

    private func text(_ literal: SyntaxTree.Literal) -> [UInt8] {
        switch literal {
        case .null: Array("null".utf8)
        case .bool(let value): Array("\(value)".utf8)
        case .integer(let value): Array("\(value)".utf8)
        // Exactly, whatever digits a number is printed with.
        case .double(let value): Array("double:\(String(value.bitPattern, radix: 16))".utf8)
        case .text(let bytes): CanonicalWriter.quoted(bytes)
        }
    }

    private func binary(_ operation: SyntaxTree.BinaryOperator, _ left: Int, _ right: Int) -> [UInt8] {
        let sides = [text(left), text(right)]
        switch operation {
        case .equal, .notEqual:
            return CanonicalWriter.call(
                operation == .equal ? "equal" : "differs", sides.sorted { $0.lexicographicallyPrecedes($1) })
        case .less: return CanonicalWriter.call("less", sides)
        case .lessOrEqual: return CanonicalWriter.call("at-most", sides)
        case .greater: return CanonicalWriter.call("less", sides.reversed())
        case .greaterOrEqual: return CanonicalWriter.call("at-most", sides.reversed())
        case .isIn:
            guard case .list(let elements) = tree[right].kind, elements.allSatisfy(isLiteral) else {
                return CanonicalWriter.call("in", sides)
            }
            let list = CanonicalWriter.call("list", CanonicalWriter.unordered(elements.map(text)))
            return CanonicalWriter.call("in", [sides[0], list])
        case .add: return CanonicalWriter.call("add", sides)
        case .subtract: return CanonicalWriter.call("subtract", sides)
        case .multiply: return CanonicalWriter.call("multiply", sides)
        case .divide: return CanonicalWriter.call("divide", sides)
        case .remainder: return CanonicalWriter.call("remainder", sides)
        }
    }

    private func isLiteral(_ node: Int) -> Bool {
        if case .literal = tree[node].kind { true } else { false }
    }

    private func call(_ name: String, target: Int?, _ arguments: [Int]) -> [UInt8] {
        let name = name == "existsOne" ? "exists_one" : name
        if let target, ["exists", "exists_one", "all"].contains(name), arguments.count == 2,
            case .identifier(let variable) = tree[arguments[0]].kind
        {
            // The range is outside of the variable's reach.
            let range = text(target)
            var inner = self
            inner.variables.append(variable)
            return CanonicalWriter.call(
                "call", [CanonicalWriter.quoted(Array(name.utf8)), range, inner.text(arguments[1])])
        }
        let operands = (target.map { [$0] } ?? []) + arguments
        // Two of the functions are methods as well.
        let isMethod = target != nil && name != "size" && name != "matches"
        return CanonicalWriter.call(
            isMethod ? "method" : "call", [CanonicalWriter.quoted(Array(name.utf8))] + operands.map(text))
    }
}
