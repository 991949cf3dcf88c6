extension ExpressionInterpreter {
    /// Equality over all types: values of different types are not equal, numbers compare across theirs.
    func equality(_ left: Value, _ right: Value, isNegated: Bool) -> Value {
        let isEqual: Bool
        switch (left.kind, right.kind) {
        case (.text, .text):
            isEqual = bytes(of: left).isEqual(to: bytes(of: right))
        case (.text, .escapedText), (.escapedText, .text), (.escapedText, .escapedText):
            isEqual = compareText(left, right) == 0
        case (.bool, .bool), (.integer, .integer):
            isEqual = left.high == right.high
        case (.null, .null):
            isEqual = true
        case (.double, .double), (.double, .integer), (.integer, .double):
            isEqual = NumberOrder(left, right) == .equal
        case (.address, .address):
            isEqual = left.addressValue == right.addressValue
        case (.network, .network):
            isEqual = left.networkValue == right.networkValue
        case (.json, .json):
            if bytes(of: left).isEqual(to: bytes(of: right)) {
                isEqual = true
            } else {
                // Order of keys and spelling of numbers would have to be undone first.
                return .error(.unsupported)
            }
        default:
            isEqual = false
        }
        return .bool(isEqual != isNegated)
    }

    func order(_ operation: Instruction.Operation, _ left: Value, _ right: Value) -> Value {
        let order: NumberOrder
        if left.isNumber, right.isNumber {
            order = NumberOrder(left, right)
        } else if left.isText, right.isText {
            let sign = compareText(left, right)
            order = sign < 0 ? .less : sign > 0 ? .greater : .equal
        } else if left.kind == .bool, right.kind == .bool {
            order = left.high < right.high ? .less : left.high > right.high ? .greater : .equal
        } else {
            return mismatch(left, right)
        }
        switch operation {
        case .less: return .bool(order == .less)
        case .lessOrEqual: return .bool(order == .less || order == .equal)
        case .greater: return .bool(order == .greater)
        default: return .bool(order == .greater || order == .equal)
        }
    }

    /// Below, at or above zero as `left` comes before, is, or comes after `right` by code points.
    private func compareText(_ left: Value, _ right: Value) -> Int {
        if left.kind == .text, right.kind == .text {
            let (first, second) = (bytes(of: left), bytes(of: right))
            return first.isEqual(to: second) ? 0 : first.isBefore(second) ? -1 : 1
        }
        var first = TextReader(bytes(of: left), isEscaped: left.kind == .escapedText)
        var second = TextReader(bytes(of: right), isEscaped: right.kind == .escapedText)
        while true {
            switch (first.next(), second.next()) {
            case (nil, nil): return 0
            case (nil, _?): return -1
            case (_?, nil): return 1
            case (let one?, let other?):
                if one != other { return one < other ? -1 : 1 }
            }
        }
    }
}

/// How two numbers compare on the number line, exactly, also where one is an integer that no double holds.
enum NumberOrder {
    case less
    case equal
    case greater
    /// One of them is not a number.
    case unordered

    init(_ left: Value, _ right: Value) {
        switch (left.kind, right.kind) {
        case (.integer, .integer):
            self = NumberOrder(left.integerValue, right.integerValue)
        case (.integer, .double):
            self = NumberOrder(left.integerValue, right.doubleValue)
        case (.double, .integer):
            self = NumberOrder(right.integerValue, left.doubleValue).reversed
        default:
            let (first, second) = (left.doubleValue, right.doubleValue)
            self = first < second ? .less : first > second ? .greater : first == second ? .equal : .unordered
        }
    }

    private init(_ left: Int64, _ right: Int64) {
        self = left < right ? .less : left > right ? .greater : .equal
    }

    private init(_ left: Int64, _ right: Double) {
        if right.isNaN {
            self = .unordered
        } else if right >= 0x1p63 {
            self = .less
        } else if right < -0x1p63 {
            self = .greater
        } else {
            // Cutting off the fraction is exact, since a double this size with a fraction is below 2^53.
            let whole = Int64(right)
            let order = NumberOrder(left, whole)
            let fraction = right - Double(whole)
            self = order != .equal || fraction == 0 ? order : fraction > 0 ? .less : .greater
        }
    }

    private var reversed: NumberOrder {
        switch self {
        case .less: .greater
        case .greater: .less
        case .equal, .unordered: self
        }
    }
}
