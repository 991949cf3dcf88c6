/// Parses the grammar of the CEL specification, bounded in depth and size, so that no input can exhaust the stack.
struct Parser {
    /// Parentheses, brackets and conditionals inside each other.
    static let nestingMax = 64
    /// Nodes between the root and a leaf: what evaluation and checking recurse by.
    static let heightMax = 100
    static let nodesMax = 10_000

    private var lexer: Lexer
    private var token = Lexer.Token.end
    private var offset = 0
    private var nesting = 0
    private var tree = SyntaxTree()

    private init(_ source: [UInt8]) {
        lexer = Lexer(source)
    }

    static func parse(_ source: [UInt8]) throws(ExpressionProblem) -> SyntaxTree {
        var parser = Parser(source)
        try parser.advance()
        if parser.token == .end { throw parser.problem("the expression is empty; leave the filter out instead", at: 0) }
        let root = try parser.expression()
        if parser.token != .end {
            throw parser.problem("\(parser.found) does not belong here; the expression is complete before it")
        }
        parser.tree.root = root
        return parser.tree
    }

    // MARK: Operators, from the loosest to the tightest

    private mutating func expression() throws(ExpressionProblem) -> Int {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > Parser.nestingMax {
            throw problem("the expression is nested deeper than \(Parser.nestingMax) levels; split it")
        }
        let condition = try logical(isAnd: false)
        let start = offset
        guard try take("?") else { return condition }
        let whenTrue = try logical(isAnd: false)
        try expect(":", "'condition ? value : value'")
        let whenFalse = try expression()
        return try add(.conditional(condition, whenTrue, whenFalse), at: start, over: [condition, whenTrue, whenFalse])
    }

    private mutating func logical(isAnd: Bool) throws(ExpressionProblem) -> Int {
        let start = offset
        let first = isAnd ? try binary(above: 0) : try logical(isAnd: true)
        var operands = [first]
        while try take(isAnd ? "&&" : "||") {
            operands.append(isAnd ? try binary(above: 0) : try logical(isAnd: true))
        }
        if operands.count == 1 { return first }
        return try add(.logical(isAnd: isAnd, operands), at: start, over: operands)
    }

    private mutating func binary(above precedence: Int) throws(ExpressionProblem) -> Int {
        var left = try unary()
        while let operation = binaryOperator, operation.precedence > precedence {
            let start = offset
            try advance()
            let right = try binary(above: operation.precedence)
            left = try add(.binary(operation, left, right), at: start, over: [left, right])
        }
        return left
    }

    private var binaryOperator: SyntaxTree.BinaryOperator? {
        switch token {
        case .symbol(let symbol): SyntaxTree.BinaryOperator(rawValue: symbol)
        case .identifier("in"): .isIn
        default: nil
        }
    }

    private mutating func unary() throws(ExpressionProblem) -> Int {
        let start = offset
        var signs: [(isNot: Bool, offset: Int)] = []
        while token == .symbol("!") || token == .symbol("-") {
            signs.append((token == .symbol("!"), offset))
            if signs.count > Parser.heightMax { throw problem("too many signs in a row", at: start) }
            try advance()
        }
        var node: Int
        if case .integer(let magnitude) = token, let last = signs.last, !last.isNot {
            signs.removeLast()
            guard magnitude <= UInt64(Int64.max) + 1 else {
                throw problem("this number does not fit into 64 bits", at: offset)
            }
            node = try add(.literal(.integer(Int64(truncatingIfNeeded: 0 &- magnitude))), at: last.offset, over: [])
            try advance()
            node = try members(of: node)
        } else {
            node = try members(of: try primary())
        }
        for sign in signs.reversed() {
            node = try add(sign.isNot ? .not(node) : .negate(node), at: sign.offset, over: [node])
        }
        return node
    }

    private mutating func members(of first: Int) throws(ExpressionProblem) -> Int {
        var node = first
        while true {
            if try take(".") {
                let start = offset
                let name: String
                switch token {
                case .identifier(let word) where !["true", "false", "null", "in"].contains(word): name = word
                case .quotedIdentifier(let quoted): name = quoted
                default: throw problem("a field's name is expected after '.', not \(found)")
                }
                try advance()
                if try take("(") {
                    let arguments = try list(until: ")")
                    node = try add(
                        .call(name, target: node, arguments: arguments), at: start, over: [node] + arguments)
                } else {
                    node = try add(.select(node, name), at: start, over: [node])
                }
            } else if try take("[") {
                let start = offset
                let index = try expression()
                try expect("]", "a closing ']'")
                node = try add(.index(node, index), at: start, over: [node, index])
            } else {
                return node
            }
        }
    }

    private mutating func primary() throws(ExpressionProblem) -> Int {
        let start = offset
        let current = token
        switch current {
        case .integer(let magnitude):
            guard magnitude <= UInt64(Int64.max) else {
                throw problem("this number does not fit into 64 bits")
            }
            try advance()
            return try add(.literal(.integer(Int64(magnitude))), at: start, over: [])
        case .double(let value):
            try advance()
            return try add(.literal(.double(value)), at: start, over: [])
        case .text(let value):
            try advance()
            return try add(.literal(.text(value)), at: start, over: [])
        case .identifier(let name):
            try advance()
            return try named(name, at: start)
        case .symbol("("):
            try advance()
            let inner = try expression()
            try expect(")", "a closing ')'")
            return inner
        case .symbol("["):
            try advance()
            let elements = try list(until: "]")
            return try add(.list(elements), at: start, over: elements)
        case .symbol("{"):
            throw problem("map literals are not supported; compare the fields one by one")
        case .quotedIdentifier, .symbol, .end:
            throw problem("a value is expected here, not \(found)")
        }
    }

    private mutating func named(_ name: String, at start: Int) throws(ExpressionProblem) -> Int {
        switch name {
        case "true": return try add(.literal(.bool(true)), at: start, over: [])
        case "false": return try add(.literal(.bool(false)), at: start, over: [])
        case "null": return try add(.literal(.null), at: start, over: [])
        case "in": throw problem("a value is expected before 'in'", at: start)
        case "and", "or", "not":
            let operators = ["and": "&&", "or": "||", "not": "!"]
            throw problem("'\(name)' is no operator; write '\(operators[name] ?? "")'", at: start)
        default: break
        }
        if try take("(") {
            let arguments = try list(until: ")")
            return try add(.call(name, target: nil, arguments: arguments), at: start, over: arguments)
        }
        return try add(.identifier(name), at: start, over: [])
    }

    /// Expressions separated by commas, after the opening bracket; one comma may come before the closing one.
    private mutating func list(until close: String) throws(ExpressionProblem) -> [Int] {
        var elements: [Int] = []
        while token != .symbol(close) {
            elements.append(try expression())
            if try !take(",") { break }
            if close == ")", token == .symbol(close) { throw problem("an argument is expected after ','") }
        }
        try expect(close, "',' or a closing '\(close)'")
        return elements
    }

    // MARK: Tokens and nodes

    private mutating func advance() throws(ExpressionProblem) {
        token = try lexer.next()
        offset = lexer.tokenOffset
    }

    private mutating func take(_ symbol: String) throws(ExpressionProblem) -> Bool {
        guard token == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func expect(_ symbol: String, _ expected: String) throws(ExpressionProblem) {
        guard try take(symbol) else { throw problem("\(expected) is expected here, not \(found)") }
    }

    private mutating func add(
        _ kind: SyntaxTree.Kind, at offset: Int, over children: [Int]
    ) throws(ExpressionProblem) -> Int {
        let height = 1 + (children.map { tree.nodes[$0].height }.max() ?? 0)
        if height > Parser.heightMax {
            throw problem("the expression is deeper than \(Parser.heightMax) levels; split it", at: offset)
        }
        if tree.nodes.count >= Parser.nodesMax {
            throw problem("the expression has more than \(Parser.nodesMax) parts; split it", at: offset)
        }
        tree.nodes.append(SyntaxTree.Node(kind: kind, offset: offset, height: height))
        return tree.nodes.count - 1
    }

    private var found: String {
        switch token {
        case .identifier(let name): "'\(name)'"
        case .quotedIdentifier(let name): "'`\(name)`'"
        case .integer, .double: "a number"
        case .text: "a string"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end"
        }
    }

    private func problem(_ message: String, at place: Int? = nil) -> ExpressionProblem {
        lexer.problem(message, at: place ?? offset)
    }
}
