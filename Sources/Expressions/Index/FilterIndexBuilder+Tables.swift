extension FilterIndexBuilder {
    consuming func build() -> FilterIndex {
        for slot in Set(texts.keys).union(integers.keys).union(prefixes.keys).sorted() {
            var field = FieldDispatch(slot: slot)
            if let own = texts[slot] { field.texts = addTexts(own) }
            if let own = integers[slot] { field.integers = addIntegers(own) }
            if let own = prefixes[slot] { field.prefixes = addPrefixes(own) }
            index.fields.append(field)
            if field.prefixes.count > 0 { findPrefixes(ofTexts: field) }
        }
        attach()
        order()
        keepAnswers()
        return index
    }

    /// Numbers the selectors as they are looked at.
    private mutating func order() {
        let (selectors, parts) = (index.selectors, index.parts)
        var numbers = [Int32](repeating: -1, count: selectors.count)
        let looked = index.attached.elements.map { Int($0.selector) } + index.unattached.map(Int.init)
        index.selectors = []
        index.parts = []
        for selector in looked + Array(selectors.indices) where numbers[selector] < 0 {
            numbers[selector] = Int32(index.selectors.count)
            let first = Int(selectors[selector].firstPart)
            let end = selector + 1 < selectors.count ? Int(selectors[selector + 1].firstPart) : parts.count
            index.selectors.append(
                FilterIndex.Selector(whole: selectors[selector].whole, firstPart: Int32(index.parts.count)))
            index.parts += parts[first..<end]
            index.selections.append(list: selections[selector])
        }
        index.attached = index.attached.map { attachment in
            var renumbered = attachment
            renumbered.selector = numbers[Int(attachment.selector)]
            return renumbered
        }
        index.unattached = index.unattached.map { numbers[Int($0)] }
    }

    /// Keeps the answers to what several filters ask for, where no program is asked: as leaves.
    private mutating func keepAnswers() {
        var uses = [Int](repeating: 0, count: index.conditions.count)
        for conjunction in index.selectors.map(\.whole) + index.parts.map(\.conditions) {
            for place in conjunction.first..<conjunction.end { uses[Int(index.conjunctions[Int(place)])] += 1 }
        }
        for place in uses.indices where uses[place] > 1 && !index.asksProgram(Int32(place)) {
            let condition = index.conditions[place]
            switch condition.kind {
            case .and, .or, .butNot: break
            case .always, .never, .leaf: continue
            }
            index.leaves.append(ConditionLeaf(kind: .condition, root: Int32(index.conditions.count)))
            index.conditions.append(condition)
            index.conditions[place] = Condition(
                kind: .leaf, a: Int32(index.leaves.count - 1), cost: condition.cost)
        }
    }

    private mutating func literal(_ bytes: [UInt8]) -> Int32 {
        index.literals += bytes
        return Int32(index.literals.count - bytes.count)
    }

    private static func tableSize(_ count: Int) -> Int {
        var size = 2
        while size < count * 2 { size *= 2 }
        return size
    }

    private mutating func addTexts(_ texts: [([UInt8], leaf: Int32)]) -> (first: Int32, mask: Int32) {
        let (first, size) = (index.texts.count, FilterIndexBuilder.tableSize(texts.count))
        index.texts += Array(repeating: TextSlot(), count: size)
        for (bytes, leaf) in texts {
            // The bytes of an array of bytes: no padding, no uninitialized memory.
            let hash = UInt32(truncatingIfNeeded: FilterIndex.hash.hash(unsafe bytes.span.bytes))
            var place = Int(hash) & (size - 1)
            while index.texts[first + place].leaf >= 0 { place = (place + 1) & (size - 1) }
            index.texts[first + place] = TextSlot(
                hash: hash, offset: literal(bytes), length: Int32(bytes.count), leaf: leaf)
        }
        return (Int32(first), Int32(size - 1))
    }

    private mutating func addIntegers(_ integers: [(Int64, leaf: Int32)]) -> (first: Int32, mask: Int32) {
        let (first, size) = (index.integers.count, FilterIndexBuilder.tableSize(integers.count))
        index.integers += Array(repeating: IntegerSlot(), count: size)
        for (value, leaf) in integers {
            var place = FilterIndex.place(of: value) & (size - 1)
            while index.integers[first + place].leaf >= 0 { place = (place + 1) & (size - 1) }
            index.integers[first + place] = IntegerSlot(value: value, leaf: leaf)
        }
        return (Int32(first), Int32(size - 1))
    }

    private mutating func addPrefixes(_ prefixes: [([UInt8], leaf: Int32)]) -> (first: Int32, count: Int32) {
        let first = index.prefixes.count
        let sorted = prefixes.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        // In this order what a text begins with comes before it, the longest last: a stack of those that are open.
        var open: [Int] = []
        for (place, (bytes, leaf)) in sorted.enumerated() {
            while let last = open.last, !bytes.starts(with: sorted[last].0) { open.removeLast() }
            index.prefixes.append(
                PrefixEntry(
                    offset: literal(bytes), length: Int32(bytes.count), leaf: leaf,
                    parent: open.last.map { Int32(first + $0) } ?? -1))
            open.append(place)
        }
        return (Int32(first), Int32(sorted.count))
    }

    /// Finds out what the texts that a field is compared with begin with, so that it is not looked for in events that have one.
    private mutating func findPrefixes(ofTexts field: FieldDispatch) {
        let (prefixes, bytes) = (index.prefixes, index.literals)
        // The bytes of an array of bytes: no padding, no uninitialized memory.
        let literals = unsafe bytes.span.bytes
        for place in Int(field.texts.first)..<Int(field.texts.first) + Int(field.texts.mask + 1) {
            let text = index.texts[place]
            if text.leaf < 0 { continue }
            let own = literals.extracting(Int(text.offset)..<Int(text.offset + text.length))
            index.texts[place].prefix = FilterMatches.longestPrefix(of: own, field, prefixes.span, literals)
        }
    }

    // MARK: Which selectors to look at

    /// Leaves, one of which is true wherever a condition is; `nil` where there are none.
    private func witnesses(_ condition: Int32) -> [[Int32]] {
        let place = index.conditions[Int(condition)]
        switch place.kind {
        case .leaf:
            return place.isLookedUp ? [[place.a]] : []
        case .and:
            return index.operands[Int(place.a)..<Int(place.b)].flatMap(witnesses)
        case .or:
            var all: [Int32] = []
            for part in index.operands[Int(place.a)..<Int(place.b)] {
                guard let shortest = witnesses(part).min(by: { $0.count < $1.count }) else { return [] }
                all += shortest
            }
            return [all]
        case .butNot:
            return witnesses(place.a)
        case .never:
            return [[]]
        case .always:
            return []
        }
    }

    /// Attaches each selector to the witnesses that fewest others have.
    private mutating func attach() {
        var choices: [[[Int32]]] = []
        var uses = [Int](repeating: 0, count: index.leaves.count)
        for selector in index.selectors {
            var own: [[Int32]] = []
            for condition in index.conjunctions[Int(selector.whole.first)..<Int(selector.whole.end)] {
                own += witnesses(condition)
            }
            for leaf in own.joined() { uses[Int(leaf)] += 1 }
            choices.append(own)
        }
        var attached = [[FilterIndex.Attachment]](repeating: [], count: index.leaves.count)
        for (selector, own) in choices.enumerated() {
            var best: (leaves: [Int32], uses: Int)?
            for leaves in own {
                let sum = leaves.reduce(0) { $0 + uses[Int($1)] }
                if best.map({ sum < $0.uses }) ?? true { best = (leaves, sum) }
            }
            guard let best else {
                index.unattached.append(Int32(selector))
                continue
            }
            let leaves = Set(best.leaves)
            if leaves.count == 1, let leaf = leaves.first {
                attached[Int(leaf)].append(attachment(of: selector, to: leaf))
            } else {
                let whole = index.selectors[selector].whole
                for leaf in leaves {
                    attached[Int(leaf)].append(
                        FilterIndex.Attachment(selector: Int32(selector), other: leaf, rest: whole, isShared: true))
                }
            }
        }
        for selectors in attached { index.attached.append(list: selectors) }
    }

    /// Attaches a selector to a leaf that is true wherever the selector's filter is.
    private mutating func attachment(of selector: Int, to leaf: Int32) -> FilterIndex.Attachment {
        let whole = index.selectors[selector].whole
        var rest = Array(index.conjunctions[Int(whole.first)..<Int(whole.end)])
        rest.removeAll { lookedUp($0) == leaf }
        let place = rest.firstIndex { lookedUp($0) != nil }
        let other = place.flatMap { lookedUp(rest.remove(at: $0)) } ?? leaf
        return FilterIndex.Attachment(selector: Int32(selector), other: other, rest: append(rest))
    }

    /// The leaf that a condition is, where it is one that is looked up.
    private func lookedUp(_ condition: Int32) -> Int32? {
        let place = index.conditions[Int(condition)]
        return place.isLookedUp ? place.a : nil
    }
}

extension FilterIndex {
    /// Whether a program has a part in a condition.
    fileprivate func asksProgram(_ condition: Int32) -> Bool {
        let place = conditions[Int(condition)]
        switch place.kind {
        case .always, .never: return false
        case .leaf:
            let leaf = leaves[Int(place.a)]
            return leaf.kind == .program || leaf.kind == .condition && asksProgram(leaf.root)
        case .and, .or: return operands[Int(place.a)..<Int(place.b)].contains(where: asksProgram)
        case .butNot: return asksProgram(place.a) || asksProgram(place.b)
        }
    }

    @inline(__always)
    static func place(of value: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: value) &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }
}
