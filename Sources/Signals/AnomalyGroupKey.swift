/// A group's values as bytes, by which a monitor distinguishes groups between windows of different engines, and from which
/// the values are read again when the group's state is published.
///
/// Each value is its length in UTF-8, four bytes with the lowest first, and its text; a length of 2³² − 1 is an absent
/// value. So no two groups have the same bytes.
public enum AnomalyGroupKey {
    /// Appends the key of a group. A value has fewer than 2³² − 1 bytes.
    public static func append(_ group: [String?], to key: inout [UInt8]) {
        for value in group {
            let length = value.map { UInt32(truncatingIfNeeded: $0.utf8.count) } ?? .max
            for shift: UInt32 in [0, 8, 16, 24] { key.append(UInt8(truncatingIfNeeded: length >> shift)) }
            if let value { key.append(contentsOf: value.utf8) }
        }
    }

    /// The values of a group; `nil` for bytes that `append` does not write.
    public static func group(of key: some Sequence<UInt8>) -> [String?]? {
        var group: [String?] = []
        var rest = Array(key)[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            rest = rest.dropFirst(4)
            if length == .max {
                group.append(nil)
                continue
            }
            guard rest.count >= Int(length), let text = String(validating: rest.prefix(Int(length)), as: UTF8.self)
            else { return nil }
            group.append(text)
            rest = rest.dropFirst(Int(length))
        }
        return group
    }
}
