extension Evaluator {
    /// A step over a list or map.
    enum Step {
        case element(Value)
        case end
        case failed(EvaluationError)
    }

    /// The next element of a list, or key of a map; `place` is 0 at first, and belongs to this method.
    @_lifetime(self: copy self)
    mutating func nextElement(of container: Value, at place: inout Int) -> Step {
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
            element = walk.text()
            if element != nil, walk.take(UInt8(ascii: ":")) { _ = walk.value() }
        } else {
            element = walk.value()
        }
        guard let element, walk.place > before else { return .failed(.invalidArgument) }
        budget &-= walk.place &- before &+ Evaluator.stepBytes
        if budget < 0 { return .failed(.tooMuchWork) }
        place = walk.place &- start
        return .element(element)
    }

    @_lifetime(copy self)
    private func walk(over container: Value) -> JSONWalk {
        JSONWalk(
            base(container.source), source: container.source, offset: container.offset, length: container.length)
    }

    @_lifetime(self: copy self)
    mutating func member(_ instruction: Instruction, of object: Value) -> Value {
        let key = constants[Int(instruction.b)]
        return find(key, in: object)
    }

    @_lifetime(self: copy self)
    mutating func hasMember(_ instruction: Instruction, in object: Value) -> Value {
        let key = constants[Int(instruction.b)]
        let found = find(key, in: object)
        if found.isError { return found.evaluationError == .noSuchField && !object.isError ? .bool(false) : found }
        return .bool(true)
    }

    /// The value of the first member of an object whose key is the text `key`.
    @_lifetime(self: copy self)
    private mutating func find(_ key: Value, in object: Value) -> Value {
        guard object.kind == .json else { return mismatch(object) }
        var walk = walk(over: object)
        let start = walk.place
        guard walk.take(UInt8(ascii: "{")) else { return .error(.noSuchOverload) }
        while walk.hasNext() {
            guard let candidate = walk.text(), walk.take(UInt8(ascii: ":")), let value = walk.value() else {
                return .error(.invalidArgument)
            }
            if equality(candidate, key, isNegated: false).isTrue {
                budget &-= walk.place &- start &+ Evaluator.stepBytes
                return budget < 0 ? .error(.tooMuchWork) : value
            }
        }
        budget &-= walk.place &- start &+ Evaluator.stepBytes
        return .error(budget < 0 ? .tooMuchWork : .noSuchField)
    }

    @_lifetime(self: copy self)
    mutating func element(_ index: Int, of list: Value) -> Value {
        guard list.kind == .json else { return mismatch(list) }
        let bytes = bytes(of: list)
        guard bytes.byteCount > 0, bytes.byte(0) == UInt8(ascii: "[") else { return .error(.noSuchOverload) }
        var place = 0
        var left = index
        while true {
            switch nextElement(of: list, at: &place) {
            case .element(let element):
                if left == 0 { return element }
                left &-= 1
            case .end: return .error(.noSuchField)
            case .failed(let error): return .error(error)
            }
        }
    }

    // MARK: `in` and comprehensions

    @_lifetime(self: copy self)
    mutating func isAmong(_ instruction: Instruction) -> Value {
        let wanted = value(instruction.a)
        if wanted.isError { return wanted }
        var error: Value?
        for index in instruction.b..<instruction.c {
            let node = operands[Int(index)]
            let candidate = value(node)
            let result = candidate.isError ? candidate : equality(wanted, candidate, isNegated: false)
            if result.isTrue { return result }
            if result.isError, error == nil { error = result }
        }
        return error ?? .bool(false)
    }

    @_lifetime(self: copy self)
    mutating func isIn(_ wanted: Value, _ container: Value) -> Value {
        if wanted.isError || container.isError { return mismatch(wanted, container) }
        var place = 0
        var error: Value?
        while true {
            switch nextElement(of: container, at: &place) {
            case .element(let element):
                let result = equality(wanted, element, isNegated: false)
                if result.isTrue { return result }
                if result.isError, error == nil { error = result }
            case .end: return error ?? .bool(false)
            case .failed(let error): return .error(error)
            }
        }
    }

    @_lifetime(self: copy self)
    mutating func comprehension(_ instruction: Instruction) -> Value {
        let range = value(instruction.a)
        guard range.kind == .json else { return mismatch(range) }
        var place = 0
        var matches = 0
        var error: Value?
        while true {
            switch nextElement(of: range, at: &place) {
            case .failed(let failure): return .error(failure)
            case .end:
                if let error { return error }
                switch instruction.operation {
                case .all: return .bool(true)
                case .exists: return .bool(false)
                default: return .bool(matches == 1)
                }
            case .element(let element):
                variables[Int(instruction.c)] = element
                let result = value(instruction.b)
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
