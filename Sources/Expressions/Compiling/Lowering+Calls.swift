import TelemetryModel
import Text

extension Lowering {
    private static let functions = [
        "has", "size", "int", "double", "string", "bool", "dyn", "ip", "cidr", "isIP", "isCIDR", "matches",
    ]
    private static let methods = [
        "startsWith", "endsWith", "contains", "matches", "size", "exists", "exists_one", "all", "containsIP",
        "containsCIDR", "family",
    ]

    mutating func lowerCall(
        _ name: String, target: Int?, arguments: [Int], at node: Int
    ) throws(ExpressionProblem) -> Typed {
        guard let target else { return try lowerFunction(name, arguments, at: node) }
        switch name {
        case "exists", "exists_one", "existsOne", "all":
            return try lowerMacro(name, over: target, arguments, at: node)
        case "size":
            try requireCount(arguments, 0, name, at: node)
            return try lowerSize(target, at: node)
        case "matches":
            try requireCount(arguments, 1, name, at: node)
            return try lowerMatches(target, arguments[0], at: node)
        case "family":
            try requireCount(arguments, 0, name, at: node)
            let address = try lower(target)
            try require(address, [.address], for: ".family()", at: target)
            return try emit(.family, address.index, as: .integer, at: node)
        case "startsWith", "endsWith", "contains", "containsIP", "containsCIDR":
            try requireCount(arguments, 1, name, at: node)
            return try lowerSearch(name, target, arguments[0], at: node)
        case "map", "filter":
            throw problem(".\(name)() is not supported; write the condition into .exists() or .all()", at: node)
        case "lowerAscii", "upperAscii", "toLowerCase", "toUpperCase":
            throw problem("'\(name)' is not supported; write .matches('(?i)^…$') to ignore case", at: node)
        default:
            throw unknown(name, among: Lowering.methods, prefix: ".", at: node)
        }
    }

    private func unknown(_ name: String, among names: [String], prefix: String, at node: Int) -> ExpressionProblem {
        let near = EditDistance.nearest(to: name, among: names)
        let hint = near.map { "did you mean \(prefix)\($0)()?" } ?? "there are \(names.joined(separator: ", "))"
        return problem("there is no function '\(prefix)\(name)()'; \(hint)", at: node)
    }

    func requireCount(
        _ arguments: [Int], _ count: Int, _ name: String, at node: Int
    ) throws(ExpressionProblem) {
        if arguments.count == count { return }
        let takes = count == 0 ? "no arguments" : count == 1 ? "one argument" : "\(count) arguments"
        throw problem("\(name)() takes \(takes), not \(arguments.count)", at: node)
    }

    private mutating func lowerFunction(
        _ name: String, _ arguments: [Int], at node: Int
    ) throws(ExpressionProblem) -> Typed {
        switch name {
        case "uint", "bytes", "timestamp", "duration", "type":
            throw problem("\(name)() is not supported in expressions", at: node)
        case "matches":
            try requireCount(arguments, 2, name, at: node)
            return try lowerMatches(arguments[0], arguments[1], at: node)
        default:
            guard Lowering.functions.contains(name) else {
                throw unknown(name, among: Lowering.functions, prefix: "", at: node)
            }
        }
        try requireCount(arguments, 1, name, at: node)
        let argument = arguments[0]
        switch name {
        case "has": return try lowerHasCall(argument, at: node)
        case "size": return try lowerSize(argument, at: node)
        case "dyn":
            var value = try lower(argument)
            value.type = .any
            return value
        case "ip", "cidr", "isIP", "isCIDR": return try lowerNetwork(name, argument, at: node)
        default: return try lowerConversion(name, argument, at: node)
        }
    }

    private mutating func lowerHasCall(_ argument: Int, at node: Int) throws(ExpressionProblem) -> Typed {
        if let path = try path(of: argument), !path.components.isEmpty { return try lowerHas(path, at: argument) }
        switch tree[argument].kind {
        case .select(let object, let key):
            return try lowerMember(key, of: object, isTest: true, at: argument)
        case .index(let object, let index):
            guard case .literal(.text(let key)) = tree[index].kind else { break }
            return try lowerMember(String(decoding: key, as: UTF8.self), of: object, isTest: true, at: argument)
        default: break
        }
        throw problem("has() takes a field, such as has(event.errorCode)", at: node)
    }

    private mutating func lowerConversion(
        _ name: String, _ argument: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let value = try lower(argument)
        let (operation, types, result): (Instruction.Operation, [FieldType], FieldType) =
            switch name {
            case "int": (.toInteger, [.integer, .double, .text], .integer)
            case "double": (.toDouble, [.integer, .double, .text], .double)
            case "bool": (.toBool, [.bool, .text], .bool)
            default: (.toText, [.text], .text)
            }
        if name == "string", Lowering.isNumber(value.type) || value.type == .bool {
            throw problem("string() of \(value.type) is not supported; compare the value itself", at: node)
        }
        try require(value, types, for: "\(name)()", at: argument)
        return try emit(operation, value.index, as: result, at: node)
    }

    private mutating func lowerNetwork(
        _ name: String, _ argument: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let value = try lower(argument)
        if case .text(let bytes)? = value.literal, name == "ip" || name == "cidr" {
            let text = String(decoding: bytes, as: UTF8.self)
            let span = unsafe bytes.span.bytes
            if name == "ip" {
                guard let address = IPAddress(unmapped: span) else {
                    throw problem("'\(text)' is no IP address; write 192.0.2.1 or 2001:db8::1", at: argument)
                }
                return try emitConstant(.address(address), as: .address, at: node)
            }
            guard let network = IPNetwork(span) else {
                throw problem("'\(text)' is no IP network; write 10.0.0.0/8 or 2001:db8::/32", at: argument)
            }
            return try emitConstant(.network(network), as: .network, at: node)
        }
        switch name {
        case "ip":
            try require(value, [.text, .address], for: "ip()", at: argument)
            return try emit(.toAddress, value.index, as: .address, at: node)
        case "cidr":
            try require(value, [.text, .network], for: "cidr()", at: argument)
            return try emit(.toNetwork, value.index, as: .network, at: node)
        case "isIP":
            try require(value, [.text], for: "isIP()", at: argument)
            return try emit(.isAddress, value.index, as: .bool, at: node)
        default:
            try require(value, [.text], for: "isCIDR()", at: argument)
            return try emit(.isNetwork, value.index, as: .bool, at: node)
        }
    }

    private mutating func lowerSearch(
        _ name: String, _ target: Int, _ argument: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let text = try lower(target)
        let part = try lower(argument)
        if text.type == .network, name.hasPrefix("contains") {
            let isNetwork = name == "containsCIDR" || (name == "contains" && part.type == .network)
            try require(
                part, [.text, isNetwork ? .network : .address], for: ".\(name)()", at: argument)
            return try emit(
                isNetwork ? .containsNetwork : .containsAddress, text.index, part.index, as: .bool, at: node)
        }
        if name == "containsIP" || name == "containsCIDR" {
            throw problem(".\(name)() belongs to a network, as in cidr('10.0.0.0/8').\(name)(…)", at: node)
        }
        if case .list = text.type {
            throw problem("a list is searched by 'value in list', not by .\(name)()", at: node)
        }
        try require(text, [.text], for: ".\(name)()", at: target)
        try require(part, [.text], for: ".\(name)()", at: argument)
        let operation: Instruction.Operation =
            name == "startsWith" ? .startsWith : name == "endsWith" ? .endsWith : .contains
        return try emit(operation, text.index, part.index, as: .bool, at: node)
    }

    private mutating func lowerMatches(
        _ target: Int, _ pattern: Int, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let text = try lower(target)
        try require(text, [.text], for: "matches()", at: target)
        guard case .literal(.text(let bytes)) = tree[pattern].kind else {
            throw problem(
                "a pattern must be a literal, so that it is compiled when the expression is loaded", at: pattern)
        }
        let number = try patternNumber(bytes, at: pattern)
        return try emit(.matches, text.index, number, as: .bool, at: node)
    }

    /// Patterns in one expression: a table takes up to a megabyte.
    private static let patternsMax = 100

    private mutating func patternNumber(_ bytes: [UInt8], at node: Int) throws(ExpressionProblem) -> Int32 {
        if let known = knownPatterns[bytes] { return known }
        guard patterns.count < Lowering.patternsMax else {
            throw problem(
                "an expression has at most \(Lowering.patternsMax) patterns; join some by '|' in one pattern", at: node)
        }
        do throws(RegexProblem) {
            patterns.append(try Regex(String(decoding: bytes, as: UTF8.self)))
        } catch {
            throw problem("at byte \(error.offset) of this pattern: \(error.message)", at: node)
        }
        let number = Int32(patterns.count - 1)
        knownPatterns[bytes] = number
        return number
    }

    private mutating func lowerSize(_ argument: Int, at node: Int) throws(ExpressionProblem) -> Typed {
        if case .list(let elements) = tree[argument].kind {
            return try emitConstant(.integer(Int64(elements.count)), as: .integer, at: node)
        }
        let value = try lower(argument)
        switch value.type {
        case .any, .text, .list, .map, .object:
            return try emit(.size, value.index, as: .integer, at: node)
        default:
            throw problem("size() takes text, a list or a map, and this is \(value.type)", at: argument)
        }
    }
}
