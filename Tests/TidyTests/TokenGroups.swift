/// Brackets, and what is between the commas of a pair of them.
struct TokenGroups {
    let tokens: [Token]

    /// The place of the bracket that closes the one at `open`; the end of the tokens when there is none.
    func close(of open: Int) -> Int {
        var depth = 0
        for place in open..<tokens.count where tokens[place].kind == .symbol {
            switch tokens[place].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}":
                depth -= 1
                if depth == 0 { return place }
            default: break
            }
        }
        return tokens.count
    }

    /// The places between the commas of the pair that `open` opens.
    func elements(of open: Int) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var start = open + 1
        var place = start
        let end = close(of: open)
        while place < end {
            if tokens[place].kind == .symbol {
                switch tokens[place].text {
                case "(", "[", "{": place = close(of: place)
                case ",":
                    elements.append(start..<place)
                    start = place + 1
                default: break
                }
            }
            place += 1
        }
        if start < end { elements.append(start..<end) }
        return elements
    }

    /// The first place in `range` of a symbol that is in no bracket of the range.
    func firstOutermost(_ symbol: String, in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            if tokens[place].isSymbol(symbol) { return place }
            if tokens[place].kind == .symbol, ["(", "[", "{"].contains(tokens[place].text) { place = close(of: place) }
            place += 1
        }
        return nil
    }

    /// The place after a generic clause that begins at `start`; `start` when none does.
    func skipGenericClause(at start: Int) -> Int {
        guard start < tokens.count, tokens[start].isSymbol("<") else { return start }
        var depth = 0
        for place in start..<tokens.count where tokens[place].kind == .symbol {
            if tokens[place].text == "<" { depth += 1 }
            if tokens[place].text == ">", !tokens[place - 1].isSymbol("-") {
                depth -= 1
                if depth == 0 { return place + 1 }
            }
        }
        return tokens.count
    }
}
