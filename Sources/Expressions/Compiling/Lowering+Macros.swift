import TelemetryModel

/// Comprehensions: loops over a JSON list's elements or a map's keys; over a literal list they unfold.
extension Lowering {
    mutating func lowerMacro(
        _ name: String, over target: Int, _ arguments: [Int], at node: Int
    ) throws(ExpressionProblem) -> Typed {
        try requireCount(arguments, 2, name, at: node)
        guard case .identifier(let variable) = tree[arguments[0]].kind else {
            throw problem("the first argument of .\(name)() is a variable's name, as in .\(name)(x, x == 1)", at: node)
        }
        guard bindings.count < ExpressionInterpreter.variablesMax else {
            throw problem(
                "comprehensions are nested deeper than \(ExpressionInterpreter.variablesMax) levels", at: node)
        }
        if case .list(let elements) = tree[target].kind {
            return try unfold(name, variable, elements, arguments[1], at: node)
        }
        let range = try lower(target)
        let element: FieldType
        switch range.type {
        case .any: element = .any
        case .list(let type): element = type
        case .map, .object: element = .text
        default: throw problem(".\(name)() takes a list or a map, and this is \(range.type)", at: target)
        }
        let place = Int32(variableDepth)
        var value = try emit(.variable, place, as: element, at: node)
        if case .list = range.type { value.path = range.path.map { FieldPath($0.components + [.index(0)]) } }
        variableDepth += 1
        let predicate = try lowerPredicate(name, variable, value, arguments[1])
        variableDepth -= 1
        let operation: Instruction.Operation = name == "all" ? .all : name == "exists" ? .exists : .existsOne
        return try emit(operation, range.index, predicate.index, place, as: .bool, at: node)
    }

    private mutating func lowerPredicate(
        _ name: String, _ variable: String, _ value: Typed, _ body: Int
    ) throws(ExpressionProblem) -> Typed {
        bindings.append(Binding(name: variable, value: value))
        defer { bindings.removeLast() }
        let predicate = try lower(body)
        try require(predicate, [.bool], for: "the condition of .\(name)()", at: body)
        return predicate
    }

    private mutating func unfold(
        _ name: String, _ variable: String, _ elements: [Int], _ body: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        guard name == "exists" || name == "all" else {
            throw problem(".\(name)() is not supported over a literal list; write .exists() or .all()", at: node)
        }
        var indexes: [Int32] = []
        for element in elements {
            let value = try lower(element)
            indexes.append(try lowerPredicate(name, variable, value, body).index)
        }
        let range = addOperands(indexes)
        return try emit(name == "all" ? .and : .or, range.0, range.1, as: .bool, at: node)
    }
}
