import TelemetryModel
import Text

/// Takes the projected fields out of a record whose grammar has been checked, into the row begun of a batch.
///
/// Of a key that an object repeats, the last counts, as in most JSON parsers.
struct RecordProjector: ~Copyable {
    let tree: ProjectionTree
    /// Whether JSON values must be free of white space, and are copied where they are not.
    let isCompacting: Bool
    /// The values that the event's kind needs whatever is projected, by the numbers that the tree's nodes give.
    private(set) var required = RequiredValues(repeating: .absent)

    private var hotNodes: [HotNode] = []
    // A record that the outline covers is at most `RecordScanner.depthCeiling` deep, and goes one level below its paths.
    private var levels = InlineArray<64, Level>(repeating: Level())
    private var scratch: [UInt8] = []

    /// What a look-up needs of a node, without its arrays.
    private struct HotNode: BitwiseCopyable {
        var head: UInt64 = 0
        /// The key's bytes from the ninth to the fifteenth, and its closing quote, as far as they go; and which bytes count.
        var tail: UInt64 = 0
        var tailMask: UInt64 = 0
        var keyCount: Int32 = 0
        var next: Int16 = -1
        var parent: Int16 = 0
        /// The slot, or -1 when there is none or when there are several.
        var slot: Int32 = -1
        var hasSeveralSlots = false
        var required: Int16 = -1
        var isDouble = false
        /// The node's own bit when something is asked for below it, otherwise 0.
        var below: UInt64 = 0
        var hasMembers = false
        var hasElements = false
        var isWanted = false
    }

    /// What is known of a container on the way from the record down to the field being read.
    private struct Level: BitwiseCopyable {
        /// The container's node when its members are asked for, or -1.
        var node: Int32 = -1
        /// The container's node when it is asked for as a whole, or -1.
        var whole: Int32 = -1
        /// Where the container starts.
        var start: UInt32 = 0
    }

    /// `tree` is sealed.
    init(tree: ProjectionTree, isCompacting: Bool) {
        self.tree = tree
        self.isCompacting = isCompacting
        levels[1].node = Int32(ProjectionTree.root)
        var belowCount = 0
        hotNodes = tree.nodes.map { node in
            var hot = HotNode()
            hot.head = node.head
            hot.keyCount = Int32(clamping: node.key.count)
            hot.next = Int16(node.next)
            if node.key.count >= 8 {
                for (place, byte) in (node.key.dropFirst(8) + [0x22]).prefix(8).enumerated() {
                    hot.tail |= UInt64(byte) << UInt64(place * 8)
                    hot.tailMask |= 0xFF << UInt64(place * 8)
                }
            }
            hot.parent = Int16(node.parent)
            hot.hasMembers = !node.members.isEmpty
            hot.slot = node.slots.count == 1 ? Int32(node.slots[0]) : -1
            hot.hasSeveralSlots = node.slots.count > 1
            hot.required = Int16(node.required)
            hot.isDouble = node.isDouble
            if !node.members.isEmpty || !node.elements.isEmpty {
                hot.below = 1 << UInt64(min(belowCount, 63))
                belowCount += 1
            }
            hot.hasElements = !node.elements.isEmpty
            hot.isWanted = !node.slots.isEmpty || node.required >= 0
            return hot
        }
    }

    /// Forgets the values of the record before.
    @inline(__always)
    mutating func begin() {
        required = RequiredValues(repeating: .absent)
    }

    // MARK: By the outline

    /// Takes the fields of a record that the scanner found valid.
    mutating func project(
        _ payload: RawSpan, outline: borrowing RecordOutline, verdict: RecordScanner.Verdict,
        into batch: inout EventBatch
    ) throws(RecordFault) {
        begin()
        var path = Path()
        for index in 0..<outline.keyCount {
            let offset = outline.key(index) &+ 1
            // Most keys are nobody's, and the first look at the table says so.
            let head = payload.keyHead(at: offset)
            var candidate = Int(tree.buckets[ProjectionTree.bucket(of: head)])
            if candidate < 0, !verdict.mayHaveEscapes { continue }
            while candidate >= 0 {
                let hot = hotNodes[candidate]
                if hot.head == head, hot.tailMask == 0 || payload.eightBytes(offset &+ 8) & hot.tailMask == hot.tail,
                    hot.keyCount < 16 || payload.hasKey(tree.nodes[candidate].key, at: offset)
                {
                    follow(payload, outline, to: offset, &path, verdict, &batch)
                    if path.depth == path.active, Int32(hot.parent) == levels[path.active].node {
                        try take(payload, candidate, keyEnd: offset &+ Int(hot.keyCount), &path, &batch)
                        break
                    }
                }
                candidate = Int(hot.next)
            }
            if candidate < 0, verdict.mayHaveEscapes, payload.hasEscapes(inStringAt: offset) {
                follow(payload, outline, to: offset, &path, verdict, &batch)
                guard path.depth == path.active, levels[path.active].node >= 0,
                    let (node, keyEnd) = escapedMember(payload, at: offset, of: Int(levels[path.active].node))
                else { continue }
                try take(payload, node, keyEnd: keyEnd, &path, &batch)
            }
        }
        if path.active > 1 { follow(payload, outline, to: Int.max, &path, verdict, &batch) }
    }

    /// The projector's position in the record.
    private struct Path {
        /// The next bracket of the outline.
        var bracket = 0
        /// Containers around, as far as the outline goes.
        var depth = 0
        /// Containers around that `levels` knows, because they are asked for or hold what is. Never above `depth`, save
        /// between a container's key and its bracket.
        var active = 1
        /// The nodes with something below that were met, by their bits.
        var seen: UInt64 = 0
    }

    /// Passes the brackets before `offset`, and takes the containers that are asked for as a whole where they end.
    @inline(__always)
    private mutating func follow(
        _ payload: RawSpan, _ outline: borrowing RecordOutline, to offset: Int, _ path: inout Path,
        _ verdict: RecordScanner.Verdict, _ batch: inout EventBatch
    ) {
        while path.bracket < outline.bracketCount {
            let bracket = outline.bracket(path.bracket)
            if bracket.offset >= offset { return }
            path.bracket &+= 1
            path.depth &+= bracket.isClose ? -1 : 1
            let depth = path.depth &+ 1
            guard bracket.isClose, depth == path.active, depth > 1 else { continue }
            path.active = depth &- 1
            let whole = Int(levels[depth].whole)
            if whole >= 0 {
                let range = Int(levels[depth].start)..<bracket.offset &+ 1
                put(json(payload, range, mayHaveSpaces: verdict.hasSpaces, &batch), whole, &batch)
            }
        }
    }

    /// Takes a member of the innermost container, or goes into it.
    @inline(__always)
    private mutating func take(
        _ payload: RawSpan, _ node: Int, keyEnd: Int, _ path: inout Path, _ batch: inout EventBatch
    ) throws(RecordFault) {
        let value = payload.valueStart(afterKeyEndingAt: keyEnd)
        let first = payload.byte(value)
        let hot = hotNodes[node]
        if hot.below != 0 {
            // A bit for each of the first 63 such nodes, and one for all others: cleared only when it may be a repetition.
            if path.seen & hot.below != 0 { clear(node, &batch) }
            path.seen |= hot.below
        }
        if first == 0x7B || first == 0x5B {
            if hot.hasElements, first == 0x5B { try elements(payload, at: value, of: node, &batch) }
            guard hot.isWanted || (hot.hasMembers && first == 0x7B) else { return }
            path.active &+= 1
            levels[path.active].node = first == 0x7B && hot.hasMembers ? Int32(node) : -1
            levels[path.active].whole = hot.isWanted ? Int32(node) : -1
            levels[path.active].start = UInt32(truncatingIfNeeded: value)
        } else if hot.isWanted {
            put(try scalar(payload, at: value, isDouble: hot.isDouble, &batch), node, &batch)
        }
    }

    /// As `member`, for a key that may be written with escapes.
    @inline(never)
    private func escapedMember(_ payload: RawSpan, at offset: Int, of parent: Int) -> (node: Int, keyEnd: Int)? {
        guard let key = try? payload.stringContents(from: offset), key.hasEscapes else { return nil }
        var text: [UInt8] = []
        payload.forEachUnescaped(key) { text.append($0) }
        guard let node = tree.member(text, in: parent) else { return nil }
        return (node, key.contents.upperBound)
    }

    // MARK: By the reader

    /// Takes the fields of a valid value, reading it from end to end.
    ///
    /// Recursion goes as deep as the projection's paths, whatever the text.
    mutating func read(_ payload: RawSpan, _ value: Range<Int>, into node: Int, _ batch: inout EventBatch)
        throws(RecordFault)
    {
        let first = payload.byte(value.lowerBound)
        if tree.nodes[node].slots.count > 0 || tree.nodes[node].required >= 0 {
            let isContainer = first == 0x7B || first == 0x5B
            let field =
                isContainer
                ? json(payload, value, mayHaveSpaces: true, &batch)
                : try scalar(payload, at: value.lowerBound, isDouble: tree.nodes[node].isDouble, &batch)
            put(field, node, &batch)
        }
        if first == 0x5B, !tree.nodes[node].elements.isEmpty {
            try elements(payload, at: value.lowerBound, of: node, &batch)
        }
        guard first == 0x7B, !tree.nodes[node].members.isEmpty else { return }
        do throws(JSONError) {
            var reader = JSONReader(payload, at: value.lowerBound, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginObject()
            var key: [UInt8] = []
            while let name = try reader.nextKey() {
                key.removeAll(keepingCapacity: true)
                reader.unescape(name, into: &key)
                let inner = try reader.skipValue()
                guard let member = tree.member(key, in: node) else { continue }
                clear(member, &batch)
                do throws(RecordFault) { try read(payload, inner, into: member, &batch) } catch { fault = error }
            }
        } catch {
            throw RecordFault(error)
        }
        if let found = fault {
            fault = nil
            throw found
        }
    }
    // Typed throws can't mix two error types in one `do`; the first fault below waits here.
    private var fault: RecordFault?

    /// Takes the elements of a valid array that are asked for by index.
    @inline(never)
    private mutating func elements(
        _ payload: RawSpan, at start: Int, of node: Int, _ batch: inout EventBatch
    ) throws(RecordFault) {
        var places: [(range: Range<Int>, node: Int)] = []
        do throws(JSONError) {
            var reader = JSONReader(payload, at: start, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginArray()
            var index = 0
            while try reader.nextElement() {
                let range = try reader.skipValue()
                for element in tree.nodes[node].elements where element.index == index {
                    places.append((range, element.node))
                }
                index += 1
            }
        } catch {
            throw RecordFault(error)
        }
        for place in places { try read(payload, place.range, into: place.node, &batch) }
    }

    // MARK: Values

    @inline(__always)
    private mutating func put(_ value: FieldValue, _ node: Int, _ batch: inout EventBatch) {
        let hot = hotNodes[node]
        if hot.slot >= 0 { batch.set(Int(hot.slot), value) }
        if hot.required >= 0 { required[Int(hot.required)] = value }
        if hot.hasSeveralSlots {
            for slot in tree.nodes[node].slots { batch.set(slot, value) }
        }
    }

    /// Clears all at and below a node, for the case that its key is repeated.
    private mutating func clear(_ node: Int, _ batch: inout EventBatch) {
        for slot in tree.nodes[node].slotsBelow { batch.set(slot, .absent) }
        for place in tree.nodes[node].requiredBelow { required[place] = .absent }
    }

    /// The value of a string, number or literal at `offset`.
    @inline(__always)
    private mutating func scalar(
        _ payload: RawSpan, at offset: Int, isDouble: Bool, _ batch: inout EventBatch
    ) throws(RecordFault) -> FieldValue {
        do throws(JSONError) {
            switch payload.byte(offset) {
            case 0x22:
                let (end, hasEscapes) = payload.validStringEnd(from: offset &+ 1)
                if hasEscapes {
                    return unescaped(payload, JSONString(contents: offset &+ 1..<end, hasEscapes: true), &batch)
                }
                return .text(offset: offset &+ 1, length: end &- offset &- 1)
            case 0x74: return .bool(true)
            case 0x66: return .bool(false)
            case 0x6E: return .null
            default:
                if let number = try? payload.number(at: offset, isDouble: isDouble) { return number }
                // Beyond a double's range: as it is written, so that what needs a number fails, and nothing else.
                return .text(offset: offset, length: try payload.numberEnd(from: offset).end &- offset)
            }
        } catch {
            throw RecordFault(error)
        }
    }

    @inline(never)
    private func unescaped(_ payload: RawSpan, _ string: JSONString, _ batch: inout EventBatch) -> FieldValue {
        let start = batch.arenaCount
        var place = string.contents.lowerBound
        let end = string.contents.upperBound
        while place < end {
            let byte = payload.byte(place)
            if byte == 0x5C, let escape = try? payload.escape(at: place) {
                UInt8.forEachOfUTF8(escape.scalar) { batch.appendToArena($0) }
                place = escape.end
            } else {
                batch.appendToArena(byte)
                place &+= 1
            }
        }
        return .place(.arenaText, offset: start, length: batch.arenaCount - start)
    }

    /// A whole container, copied only when it must be compact and is not.
    @inline(__always)
    private mutating func json(
        _ payload: RawSpan, _ range: Range<Int>, mayHaveSpaces: Bool, _ batch: inout EventBatch
    ) -> FieldValue {
        if isCompacting, mayHaveSpaces { return compacted(payload, range, &batch) }
        return .place(.json, offset: range.lowerBound, length: range.count)
    }

    @inline(never)
    private mutating func compacted(_ payload: RawSpan, _ range: Range<Int>, _ batch: inout EventBatch) -> FieldValue {
        scratch.removeAll(keepingCapacity: true)
        JSONMinifier.append(payload, range, to: &scratch)
        if scratch.count == range.count { return .place(.json, offset: range.lowerBound, length: range.count) }
        let start = batch.arenaCount
        unsafe batch.appendToArena(scratch.span.bytes)
        return .place(.arenaJSON, offset: start, length: scratch.count)
    }
}
