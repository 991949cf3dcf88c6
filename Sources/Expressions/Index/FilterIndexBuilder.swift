import TelemetryModel

/// Takes filters apart into conditions, each distinct one once.
struct FilterIndexBuilder {
    private enum Key: Hashable {
        case text(slot: Int32, [UInt8])
        case integer(slot: Int32, Int64)
        case prefix(slot: Int32, [UInt8])
        case field(slot: Int32, ConditionLeaf.Kind)
        case program([UInt8], Bool)
        case and([Int32])
        case or([Int32])
        case butNot(Int32, Int32)
    }

    private struct SelectorKey: Hashable {
        let whole: [Int32]
        let parts: [[Int32]]
    }

    /// Of a node as text; a longer one is taken for different from all others.
    private static let keyBytesMax = 4096

    var index = FilterIndex()
    private var known: [Key: Int32] = [:]
    private var knownSelectors: [SelectorKey: Int] = [:]
    /// By selector: the selections that it is.
    private(set) var selections: [[Int]] = []
    private var selectionCount = 0
    /// By field: the leaves that are looked up by its value.
    var texts: [Int32: [([UInt8], leaf: Int32)]] = [:]
    var integers: [Int32: [(Int64, leaf: Int32)]] = [:]
    var prefixes: [Int32: [([UInt8], leaf: Int32)]] = [:]
    private var always: Int32 = 0
    private var never: Int32 = 0

    init() {
        always = add(Condition(kind: .always))
        never = add(Condition(kind: .never))
    }

    mutating func add(_ selection: FilterIndex.Selection) {
        var conditions = conjunction(selection.whole)
        let parts = selection.parts.map { conjunction($0) }
        if selection.needsPart {
            let some = or(parts.map { and($0) })
            if some != always, !conditions.contains(some) { conditions.append(some) }
        }
        // What the whole asks for already is known of the rows that a part is asked of.
        let key = SelectorKey(
            whole: conditions, parts: parts.map { part in part.filter { !conditions.contains($0) } })
        let number = knownSelectors[key] ?? addSelector(key)
        selections[number].append(selectionCount)
        selectionCount += 1
    }

    private mutating func addSelector(_ key: SelectorKey) -> Int {
        let firstPart = Int32(index.parts.count)
        for conditions in key.parts { index.parts.append(part(conditions)) }
        index.selectors.append(FilterIndex.Selector(whole: append(key.whole), firstPart: firstPart))
        selections.append([])
        knownSelectors[key] = selections.count - 1
        return selections.count - 1
    }

    private mutating func part(_ conditions: [Int32]) -> FilterIndex.Part {
        var part = FilterIndex.Part(conditions: append(conditions))
        guard conditions.count == 1 else { return part }
        var asked = index.conditions[Int(conditions[0])]
        if asked.kind == .butNot, asked.a == always {
            asked = index.conditions[Int(asked.b)]
            part.isOpposite = true
        }
        if asked.kind == .leaf, !asked.isLookedUp { part.leaf = asked.a }
        return part
    }

    mutating func append(_ conditions: [Int32]) -> FilterIndex.Conjunction {
        let first = Int32(index.conjunctions.count)
        index.conjunctions += conditions
        return FilterIndex.Conjunction(first: first, end: Int32(index.conjunctions.count))
    }

    // MARK: Conditions of a program

    /// The conditions that all hold where a filter is true, the cheapest first.
    private mutating func conjunction(_ program: Program?) -> [Int32] {
        guard let program else { return [] }
        var source = ProgramSource(program)
        let condition: Int32
        if source.heavyCount(program.root) > 1 {
            // What walks over JSON shares one budget in an expression, which parts of it would not.
            var parts = source.conjuncts.filter { !source.isHeavy[Int($0)] }.map { truth($0, true, &source) }
            parts.append(leaf(of: program.root, true, &source))
            condition = and(parts)
        } else {
            condition = truth(program.root, true, &source)
        }
        let whole = index.conditions[Int(condition)]
        switch whole.kind {
        case .always: return []
        case .and: return Array(index.operands[Int(whole.a)..<Int(whole.b)])
        default: return [condition]
        }
    }

    /// That a node comes to true, or to false.
    private mutating func truth(_ node: Int32, _ wanted: Bool, _ source: inout ProgramSource) -> Int32 {
        let place = ProgramSource.Question(node: node, wanted: wanted)
        if let known = source.answers[place] { return known }
        let condition = makeTruth(node, wanted, &source)
        source.answers[place] = condition
        return condition
    }

    private mutating func makeTruth(_ node: Int32, _ wanted: Bool, _ source: inout ProgramSource) -> Int32 {
        let instruction = source.program.instructions[Int(node)]
        switch instruction.operation {
        case .constant:
            let value = source.program.constants[Int(instruction.a)]
            return value.kind == .bool && value.isTrue == wanted ? always : never
        case .not:
            return truth(instruction.a, !wanted, &source)
        case .and, .or:
            let parts = source.operands(instruction.a, instruction.b).map { truth($0, wanted, &source) }
            return (instruction.operation == .and) == wanted ? and(parts) : or(parts)
        case .field:
            return field(instruction.a, wanted ? .isTrue : .isFalse)
        case .hasField where wanted:
            return field(instruction.a, .isThere)
        case .hasField where instruction.b < 0:
            return butNot(always, field(instruction.a, .isThere))
        case .equal, .notEqual:
            guard
                let (slot, constant) = source.fieldAndConstant(instruction.a, instruction.b)
                    ?? source.fieldAndConstant(instruction.b, instruction.a),
                let equal = equality(slot, constant, source.program)
            else { return leaf(of: node, wanted, &source) }
            return (instruction.operation == .equal) == wanted ? equal : butNot(field(slot, .isThere), equal)
        case .isAmong:
            var alternatives: [Int32] = []
            var slot: Int32 = 0
            for element in source.operands(instruction.b, instruction.c) {
                guard let (field, constant) = source.fieldAndConstant(instruction.a, element),
                    let equal = equality(field, constant, source.program)
                else { return leaf(of: node, wanted, &source) }
                slot = field
                alternatives.append(equal)
            }
            if alternatives.isEmpty { return leaf(of: node, wanted, &source) }
            let among = or(alternatives)
            return wanted ? among : butNot(field(slot, .isThere), among)
        case .startsWith:
            guard let (slot, constant) = source.fieldAndConstant(instruction.a, instruction.b), constant.kind == .text
            else { return leaf(of: node, wanted, &source) }
            let prefix = prefix(slot, source.text(constant))
            return wanted ? prefix : butNot(field(slot, .isText), prefix)
        default:
            return leaf(of: node, wanted, &source)
        }
    }

    /// That a field equals a constant; `nil` where only the interpreter knows.
    private mutating func equality(_ slot: Int32, _ constant: Value, _ program: Program) -> Int32? {
        switch constant.kind {
        case .text:
            let bytes = ProgramSource.text(constant, of: program)
            return intern(.text(slot: slot, bytes)) { builder in
                let leaf = builder.addLeaf(ConditionLeaf(kind: .dispatched, slot: slot))
                builder.texts[slot, default: []].append((bytes, leaf))
                return Condition(kind: .leaf, a: leaf, cost: 0)
            }
        case .integer:
            let value = constant.integerValue
            return intern(.integer(slot: slot, value)) { builder in
                let leaf = builder.addLeaf(ConditionLeaf(kind: .dispatched, slot: slot))
                builder.integers[slot, default: []].append((value, leaf))
                return Condition(kind: .leaf, a: leaf, cost: 0)
            }
        case .bool:
            return field(slot, constant.isTrue ? .isTrue : .isFalse)
        default:
            return nil
        }
    }

    private mutating func prefix(_ slot: Int32, _ bytes: [UInt8]) -> Int32 {
        intern(.prefix(slot: slot, bytes)) { builder in
            let leaf = builder.addLeaf(ConditionLeaf(kind: .dispatched, slot: slot))
            builder.prefixes[slot, default: []].append((bytes, leaf))
            return Condition(kind: .leaf, a: leaf, cost: 0)
        }
    }

    private mutating func field(_ slot: Int32, _ kind: ConditionLeaf.Kind) -> Int32 {
        intern(.field(slot: slot, kind)) { builder in
            Condition(kind: .leaf, a: builder.addLeaf(ConditionLeaf(kind: kind, slot: slot)), cost: 1)
        }
    }

    /// What the interpreter has to find out.
    private mutating func leaf(of node: Int32, _ wanted: Bool, _ source: inout ProgramSource) -> Int32 {
        var key: [UInt8] = []
        let isShared = source.write(node, to: &key, bytesMax: FilterIndexBuilder.keyBytesMax)
        if !isShared { key = Array("\(index.leaves.count)".utf8) }
        let isHeavy = source.isHeavy[Int(node)]
        if source.number == nil, known[.program(key, wanted)] == nil {
            source.number = Int32(index.programs.count)
            index.programs.append(source.program)
        }
        let (program, test) = (source.number ?? 0, wanted ? source.program.simpleTest(node) : nil)
        return intern(.program(key, wanted)) { builder in
            let leaf = builder.addLeaf(
                ConditionLeaf(kind: .program, wanted: wanted, program: program, root: node, test: test))
            return Condition(kind: .leaf, a: leaf, cost: test != nil ? 2 : isHeavy ? 200 : 20)
        }
    }

    // MARK: Conditions of conditions

    private mutating func and(_ parts: [Int32]) -> Int32 {
        let parts = flat(parts, .and)
        if parts.contains(never) { return never }
        return joined(parts.filter { $0 != always }, .and, whenNone: always)
    }

    private mutating func or(_ parts: [Int32]) -> Int32 {
        let parts = flat(parts, .or)
        if parts.contains(always) { return always }
        return joined(parts.filter { $0 != never }, .or, whenNone: never)
    }

    private func flat(_ parts: [Int32], _ kind: Condition.Kind) -> [Int32] {
        parts.flatMap { part in
            let condition = index.conditions[Int(part)]
            return condition.kind == kind ? Array(index.operands[Int(condition.a)..<Int(condition.b)]) : [part]
        }
    }

    /// The cheapest first, each once.
    private mutating func joined(_ parts: [Int32], _ kind: Condition.Kind, whenNone none: Int32) -> Int32 {
        let sorted = Set(parts).sorted { (cost($0), $0) < (cost($1), $1) }
        if sorted.isEmpty { return none }
        if sorted.count == 1 { return sorted[0] }
        let sum = sorted.reduce(1) { $0 + cost($1) }
        return intern(kind == .and ? .and(sorted) : .or(sorted)) { builder in
            let first = Int32(builder.index.operands.count)
            builder.index.operands += sorted
            return Condition(kind: kind, a: first, b: Int32(builder.index.operands.count), cost: sum)
        }
    }

    private mutating func butNot(_ condition: Int32, _ other: Int32) -> Int32 {
        let sum = 1 + cost(condition) + cost(other)
        return intern(.butNot(condition, other)) { _ in
            Condition(kind: .butNot, a: condition, b: other, cost: sum)
        }
    }

    private func cost(_ condition: Int32) -> Int32 { index.conditions[Int(condition)].cost }

    private mutating func intern(_ key: Key, _ make: (inout FilterIndexBuilder) -> Condition) -> Int32 {
        if let condition = known[key] { return condition }
        let condition = add(make(&self))
        known[key] = condition
        return condition
    }

    private mutating func add(_ condition: Condition) -> Int32 {
        index.conditions.append(condition)
        return Int32(index.conditions.count - 1)
    }

    private mutating func addLeaf(_ leaf: ConditionLeaf) -> Int32 {
        index.leaves.append(leaf)
        return Int32(index.leaves.count - 1)
    }
}
