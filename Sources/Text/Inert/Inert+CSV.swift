extension Inert {
    /// A cell of CSV (RFC 4180) that no spreadsheet computes; empty text is `""`, which tells it from no value.
    ///
    /// Spreadsheet programs take a cell for a formula by its first character: `=`, `+`, `-`, `@`, also in full width, and behind
    /// a tab or a carriage return. Such text gets an apostrophe in front. So does what follows a comma, a semicolon or a vertical bar within
    /// the text, because a program that is set to another separator begins a cell there. Numbers, and the `-`
    /// of flow logs for no data, compute nothing and stay. Active characters become escapes as in a ``line(_:)``.
    public static func csv(_ text: String) -> String {
        if text.isEmpty { return "\"\"" }
        if isPlainCell(text.utf8) || isNumber(text.utf8) { return text }
        let bytes = Array(line(text).utf8)
        var cell: [UInt8] = []
        cell.reserveCapacity(bytes.count + 8)
        // Blanks before the first character may be left out by a program that reads it.
        var beginsCell = true
        var isAtStart = true
        var needsQuotes = false
        for (place, byte) in bytes.enumerated() {
            if beginsCell, beginsFormula(bytes, at: place) { cell.insert(0x27, at: isAtStart ? 0 : cell.count) }
            switch byte {
            case 0x22:
                cell.append(0x22)
                needsQuotes = true
            case 0x2C: (needsQuotes, beginsCell) = (true, true)
            case UInt8(ascii: ";"), UInt8(ascii: "|"): beginsCell = true
            case 0x20 where isAtStart: break
            default: beginsCell = false
            }
            cell.append(byte)
            if byte != 0x20 { isAtStart = false }
        }
        let made = String(decoding: cell, as: UTF8.self)
        return needsQuotes ? "\"\(made)\"" : made
    }

    /// Whether UTF-8 text is a cell as it stands, by its bytes alone; a cell that is not may still turn out unchanged.
    public static func isPlainCell(_ bytes: some Sequence<UInt8>) -> Bool {
        var isFirst = true
        for byte in bytes {
            switch byte {
            case 0x22, 0x2C, UInt8(ascii: ";"), UInt8(ascii: "|"): return false
            case 0x20, UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"):
                if isFirst { return false }
            case 0x21..<0x7F: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }

    private static func beginsFormula(_ bytes: [UInt8], at place: Int) -> Bool {
        switch bytes[place] {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"): true
        case 0xEF: ["\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"].contains { bytes[place...].starts(with: $0.utf8) }
        default: false
        }
    }

    /// Digits with a sign, a fraction and an exponent where they have them; or a sign alone.
    private static func isNumber(_ text: String.UTF8View) -> Bool {
        if text.elementsEqual("-".utf8) || text.elementsEqual("+".utf8) { return true }
        var rest = text[...]
        func takeSign() {
            if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { rest.removeFirst() }
        }
        func takeDigits() -> Bool {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest.removeFirst(digits.count)
            return !digits.isEmpty
        }
        takeSign()
        guard takeDigits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard takeDigits() else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            takeSign()
            guard takeDigits() else { return false }
        }
        return rest.isEmpty
    }
}
