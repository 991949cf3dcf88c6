import JSON
import Text

extension ExpressionInterpreter {
    /// A step over a list or map.
    enum Step {
        case element(Value)
        case end
        case failed(EvaluationError)
    }

    /// The next element of a list, or key of a map; `place` is 0 at first, and belongs to this method.
    func nextElement(of container: Value, at place: inout Int, _ state: inout State) -> Step {
        guard container.kind == .json else { return .failed(.noSuchOverload) }
        var walk = walk(over: container)
        let start = walk.place
        let isMap: Bool
        if place == 0 {
            isMap = walk.take(UInt8(ascii: "{"))
            if !isMap, !walk.take(UInt8(ascii: "[")) { return .failed(.noSuchOverload) }
        } else {
            isMap = start < walk.end && walk.bytes.byte(start) == UInt8(ascii: "{")
            walk.place = start &+ place
        }
        let before = walk.place
        guard walk.hasNext() else { return .end }
        let element: Value?
        if isMap {
            element = walk.string().flatMap { value($0, of: container, in: walk.bytes) }
            if element != nil, walk.take(UInt8(ascii: ":")) { _ = walk.value() }
        } else {
            element = walk.value().flatMap { value($0, of: container, in: walk.bytes) }
        }
        guard let element, walk.place > before else { return .failed(.invalidArgument) }
        state.budget &-= walk.place &- before &+ ExpressionInterpreter.stepBytes
        if state.budget < 0 { return .failed(.tooMuchWork) }
        place = walk.place &- start
        return .element(element)
    }

    @_lifetime(copy self)
    private func walk(over container: Value) -> JSONWalk {
        let start = container.offset
        return JSONWalk(base(container.source), in: start..<max(start, start &+ container.length))
    }

    /// What stands at a place inside of `container`; `nil` for a number that is none.
    @inline(__always)
    private func value(_ token: JSONWalk.Token, of container: Value, in bytes: RawSpan) -> Value? {
        switch token.kind {
        case .string, .escapedString:
            .text(
                container.source, offset: token.start &+ 1, length: token.end &- token.start &- 2,
                isEscaped: token.kind == .escapedString)
        case .container: .json(container.source, offset: token.start, length: token.end &- token.start)
        case .true: .bool(true)
        case .false: .bool(false)
        case .null: .null
        case .number: NumberText.number(bytes.extracting(token.range))
        }
    }

    func member(_ instruction: Instruction, of object: Value, _ state: inout State) -> Value {
        let key = constants[Int(instruction.b)]
        return find(key, in: object, &state)
    }

    func hasMember(_ instruction: Instruction, in object: Value, _ state: inout State) -> Value {
        let key = constants[Int(instruction.b)]
        let found = find(key, in: object, &state)
        if found.isError { return found.evaluationError == .noSuchField && !object.isError ? .bool(false) : found }
        return .bool(true)
    }

    /// The value of the first member of an object whose key is the text `key`.
    private func find(_ key: Value, in object: Value, _ state: inout State) -> Value {
        guard object.kind == .json else { return mismatch(object) }
        var walk = walk(over: object)
        let start = walk.place
        guard walk.take(UInt8(ascii: "{")) else { return .error(.noSuchOverload) }
        while walk.hasNext() {
            guard let name = walk.string(), walk.take(UInt8(ascii: ":")), let token = walk.value(),
                let candidate = value(name, of: object, in: walk.bytes)
            else { return .error(.invalidArgument) }
            if equality(candidate, key, isNegated: false).isTrue {
                state.budget &-= walk.place &- start &+ ExpressionInterpreter.stepBytes
                if state.budget < 0 { return .error(.tooMuchWork) }
                return value(token, of: object, in: walk.bytes) ?? .error(.invalidArgument)
            }
        }
        state.budget &-= walk.place &- start &+ ExpressionInterpreter.stepBytes
        return .error(state.budget < 0 ? .tooMuchWork : .noSuchField)
    }

    func element(_ index: Int, of list: Value, _ state: inout State) -> Value {
        guard list.kind == .json else { return mismatch(list) }
        let bytes = bytes(of: list)
        guard bytes.byteCount > 0, bytes.byte(0) == UInt8(ascii: "[") else { return .error(.noSuchOverload) }
        var place = 0
        var left = index
        while true {
            switch nextElement(of: list, at: &place, &state) {
            case .element(let element):
                if left == 0 { return element }
                left &-= 1
            case .end: return .error(.noSuchField)
            case .failed(let error): return .error(error)
            }
        }
    }

    // MARK: `in` and comprehensions

    func isAmong(_ instruction: Instruction, _ state: inout State) -> Value {
        let wanted = value(instruction.a, &state)
        if wanted.isError { return wanted }
        var error: Value?
        for index in instruction.b..<instruction.c {
            let node = operands[Int(index)]
            let candidate = value(node, &state)
            let result = candidate.isError ? candidate : equality(wanted, candidate, isNegated: false)
            if result.isTrue { return result }
            if result.isError, error == nil { error = result }
        }
        return error ?? .bool(false)
    }

    func isIn(_ wanted: Value, _ container: Value, _ state: inout State) -> Value {
        if wanted.isError || container.isError { return mismatch(wanted, container) }
        var place = 0
        var error: Value?
        while true {
            switch nextElement(of: container, at: &place, &state) {
            case .element(let element):
                let result = equality(wanted, element, isNegated: false)
                if result.isTrue { return result }
                if result.isError, error == nil { error = result }
            case .end: return error ?? .bool(false)
            case .failed(let error): return .error(error)
            }
        }
    }

    func comprehension(_ instruction: Instruction, _ state: inout State) -> Value {
        let range = value(instruction.a, &state)
        guard range.kind == .json else { return mismatch(range) }
        var place = 0
        var matches = 0
        var error: Value?
        while true {
            switch nextElement(of: range, at: &place, &state) {
            case .failed(let failure): return .error(failure)
            case .end:
                if let error { return error }
                switch instruction.operation {
                case .all: return .bool(true)
                case .exists: return .bool(false)
                default: return .bool(matches == 1)
                }
            case .element(let element):
                state.variables[Int(instruction.c)] = element
                let result = value(instruction.b, &state)
                switch (instruction.operation, result.kind) {
                case (.all, .bool): if result.isFalse { return result }
                case (.exists, .bool): if result.isTrue { return result }
                case (.existsOne, .bool): matches &+= result.isTrue ? 1 : 0
                // An error is absorbed by an element that decides, except where all must be counted.
                default:
                    if instruction.operation == .existsOne { return mismatch(result) }
                    if error == nil { error = mismatch(result) }
                }
            }
        }
    }
}
