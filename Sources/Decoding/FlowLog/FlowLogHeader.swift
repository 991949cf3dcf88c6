import TelemetryModel

/// Telling a line of field names from a line of data, however the names are written.
extension FlowLogBytes {
    /// The end of the line at `lineStart` when it is a header: most of its words are names of known fields, and none is a
    /// value.
    ///
    /// A newer version may bring names that are not known here, hence the majority; of long lists a third is enough. Words are
    /// looked at as `FlowLogFieldList(header:)` reads them and a little beyond, so that a header that can't be read is
    /// refused as one, instead of being taken for data while the list before it stays in force.
    @inline(never)
    func headerEnd(_ lineStart: Int) -> Int? {
        var place = lineStart
        var known = 0
        var total = 0
        while place < count, self[place] != 0x0A {
            let start = place
            while place < count, !isBetweenNames(self[place]) { place += 1 }
            if place > start {
                if isValue(start, place) { return nil }
                total += 1
                if isKnownName(start, place) { known += 1 }
            } else {
                place += 1
            }
        }
        return known * 2 > total || (known >= 4 && known * 3 >= total) ? place : nil
    }

    private func isBetweenNames(_ byte: UInt8) -> Bool {
        // No name has other bytes than ASCII's: a byte order mark or a no-break space is between names.
        byte <= 0x20 || byte == 0x2C || byte == 0x3B || byte == 0x7C || byte >= 0x80
    }

    /// Whether a word can be a value and no name: `-`, a number, a time, an IPv4 address.
    private func isValue(_ start: Int, _ end: Int) -> Bool {
        for place in start..<end {
            let byte = self[place]
            guard byte &- 0x30 < 10 || byte == 0x2D || byte == 0x2E || byte == 0x3A else { return false }
        }
        return true
    }

    /// Whether a word is a known field's name, in whatever case, in quotes or braces or not.
    private func isKnownName(_ start: Int, _ end: Int) -> Bool {
        var (start, end) = (start, end)
        while start < end, FlowLogBytes.isAroundName(self[start]) { start += 1 }
        while start < end, FlowLogBytes.isAroundName(self[end - 1]) { end -= 1 }
        let length = end - start
        guard length > 0, length < FlowLogBytes.namesByLength.count else { return false }
        return FlowLogBytes.namesByLength[length].contains { name in
            name.indices.allSatisfy { index in
                let byte = self[start + index]
                return name[index] == (byte == 0x2D ? 0x5F : byte &- 0x41 < 26 ? byte | 0x20 : byte)
            }
        }
    }

    /// `"`, `'`, `$`, `{`, `}`, `#`.
    private static func isAroundName(_ byte: UInt8) -> Bool {
        byte == 0x22 || byte == 0x27 || byte == 0x24 || byte == 0x7B || byte == 0x7D || byte == 0x23
    }

    /// The names of all fields, each under its length.
    private static let namesByLength: [[[UInt8]]] = {
        let names = FlowLogField.allCases.map { Array($0.rawValue.utf8) }
        var byLength: [[[UInt8]]] = Array(repeating: [], count: (names.map(\.count).max() ?? 0) + 1)
        for name in names { byLength[name.count].append(name) }
        return byLength
    }()
}

extension FlowLogDecoder {
    /// Whether the line at `start` is a header line, one that can be read or not.
    static func isHeader(_ text: RawSpan, at start: Int) -> Bool {
        unsafe text.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe FlowLogBytes(buffer, base).headerEnd(start) != nil
        }
    }
}
