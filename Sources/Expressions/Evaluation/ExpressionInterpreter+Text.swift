import Text

extension ExpressionInterpreter {
    func search(_ operation: Instruction.Operation, _ text: Value, _ part: Value, _ state: inout State) -> Value {
        let whole = bytes(of: text)
        let wanted = bytes(of: part)
        if text.kind == .text, part.kind == .text {
            switch operation {
            case .startsWith: return .bool(whole.hasPrefix(wanted))
            case .endsWith: return .bool(whole.hasSuffix(wanted))
            default: return .bool(whole.contains(wanted))
            }
        }
        // Text with escapes comes from inside of JSON lists only, so this need not be fast, but bounded.
        var reader = TextReader(whole, isEscaped: text.kind == .escapedText)
        let needle = TextReader(wanted, isEscaped: part.kind == .escapedText)
        switch operation {
        case .startsWith:
            return .bool(ExpressionInterpreter.hasPrefix(reader, needle))
        case .endsWith:
            let surplus = ExpressionInterpreter.count(reader) &- ExpressionInterpreter.count(needle)
            if surplus < 0 { return .bool(false) }
            for _ in 0..<surplus { _ = reader.next() }
            return .bool(ExpressionInterpreter.hasPrefix(reader, needle))
        default:
            while true {
                if ExpressionInterpreter.hasPrefix(reader, needle) { return .bool(true) }
                state.budget &-= wanted.byteCount &+ 1
                if state.budget < 0 { return .error(.tooMuchWork) }
                if reader.next() == nil { return .bool(false) }
            }
        }
    }

    private static func hasPrefix(_ text: borrowing TextReader, _ prefix: borrowing TextReader) -> Bool {
        var rest = copy text
        var wanted = copy prefix
        while let byte = wanted.next() {
            if rest.next() != byte { return false }
        }
        return true
    }

    private static func count(_ text: borrowing TextReader) -> Int {
        var rest = copy text
        var count = 0
        while rest.next() != nil { count &+= 1 }
        return count
    }

    func matches(_ text: Value, pattern: Int) -> Bool {
        let bytes = bytes(of: text)
        return text.kind == .text
            ? patterns[pattern].matches(bytes) : patterns[pattern].matches(TextReader(bytes, isEscaped: true))
    }

    /// Code points of text, elements of a list, keys of a map.
    func size(_ operand: Value, _ state: inout State) -> Value {
        switch operand.kind {
        case .text:
            return .integer(Int64(bytes(of: operand).scalarCount))
        case .escapedText:
            var reader = TextReader(bytes(of: operand), isEscaped: true)
            var count: Int64 = 0
            while let byte = reader.next() { count &+= byte & 0xC0 != 0x80 ? 1 : 0 }
            return .integer(count)
        case .json:
            var count: Int64 = 0
            var place = 0
            while true {
                switch nextElement(of: operand, at: &place, &state) {
                case .element: count &+= 1
                case .end: return .integer(count)
                case .failed(let error): return .error(error)
                }
            }
        default:
            return mismatch(operand)
        }
    }

    func convert(_ operation: Instruction.Operation, _ operand: Value) -> Value {
        switch (operation, operand.kind) {
        case (.toInteger, .integer), (.toDouble, .double), (.toText, .text), (.toText, .escapedText), (.toBool, .bool):
            return operand
        case (.toInteger, .double):
            let value = operand.doubleValue
            // Doubles at or beyond either limit are refused, since the nearest integers may be beyond it.
            guard value > -0x1p63, value < 0x1p63 else { return .error(.integerOverflow) }
            return .integer(Int64(value))
        case (.toInteger, .text):
            return NumberText.integer(bytes(of: operand)).map(Value.integer) ?? .error(.invalidArgument)
        case (.toDouble, .integer):
            return .double(Double(operand.integerValue))
        case (.toDouble, .text):
            return NumberText.double(bytes(of: operand)).map(Value.double) ?? .error(.invalidArgument)
        case (.toBool, .text):
            return bool(bytes(of: operand)).map(Value.bool) ?? .error(.invalidArgument)
        case (.toText, .integer), (.toText, .double), (.toText, .bool):
            return .error(.unsupported)
        case (.toInteger, .escapedText), (.toDouble, .escapedText), (.toBool, .escapedText):
            return .error(.invalidArgument)
        default:
            return mismatch(operand)
        }
    }

    /// The spellings that CEL's `bool()` takes: 1, t, T, true, True, TRUE, and the same of false.
    private func bool(_ text: RawSpan) -> Bool? {
        switch text.byteCount {
        case 1:
            switch text.byte(0) {
            case UInt8(ascii: "1"), UInt8(ascii: "t"), UInt8(ascii: "T"): return true
            case UInt8(ascii: "0"), UInt8(ascii: "f"), UInt8(ascii: "F"): return false
            default: return nil
            }
        case 4: return ExpressionInterpreter.isSpelling(text, of: [0x74, 0x72, 0x75, 0x65]) ? true : nil
        case 5: return ExpressionInterpreter.isSpelling(text, of: [0x66, 0x61, 0x6C, 0x73, 0x65]) ? false : nil
        default: return nil
        }
    }

    /// Whether `text` is `word`, in lower case, capitalised, or in upper case.
    private static func isSpelling<let count: Int>(_ text: RawSpan, of word: InlineArray<count, UInt8>) -> Bool {
        let isFirstUpper = text.byte(0) & 0x20 == 0
        let isRestUpper = text.byte(1) & 0x20 == 0
        if isRestUpper, !isFirstUpper { return false }
        for place in 0..<count {
            let isUpper = place == 0 ? isFirstUpper : isRestUpper
            if text.byte(place) != (isUpper ? word[place] & 0xDF : word[place]) { return false }
        }
        return true
    }
}
