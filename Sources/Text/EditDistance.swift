/// How many letters apart two names are: insertions, deletions, substitutions and swaps of neighbours, whatever the case
/// of ASCII letters.
public enum EditDistance {
    /// Bytes of a name that are looked at.
    public static let bytesMax = 128
    /// Names that are further apart are never near.
    public static let limitMax = 4

    /// The candidate nearest to `name`, or `nil` when none is within a third of its length; ties go to the first.
    ///
    /// Complexity: the product of the lengths, for each candidate of about the same length; the others cost next to
    /// nothing.
    public static func nearest(to name: String, among candidates: [String]) -> String? {
        var rows = EditDistanceRows(wanted: folded(name))
        var best: String?
        // Only what is nearer than the best so far is of interest.
        var limit = max(1, min(limitMax, (rows.wanted.count + 1) / 3))
        for candidate in candidates where candidate != name {
            let length = min(candidate.utf8.count, bytesMax)
            // Each insertion or deletion changes the length by one.
            if abs(length - rows.wanted.count) > limit { continue }
            guard let distance = rows.distance(to: folded(candidate), atMost: limit) else { continue }
            best = candidate
            limit = distance - 1
            if limit < 0 { break }
        }
        return best
    }

    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.prefix(bytesMax).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
    }
}

/// The rows of the table of distances that the next row depends on, kept from one candidate to the next.
struct EditDistanceRows {
    let wanted: [UInt8]
    private var beforePrevious: [Int] = []
    private var previous: [Int] = []
    private var current: [Int] = []

    init(wanted: [UInt8]) {
        self.wanted = wanted
    }

    /// The distance, or `nil` when it is more than `limit`.
    mutating func distance(to other: [UInt8], atMost limit: Int) -> Int? {
        let width = other.count + 1
        if current.count < width {
            beforePrevious = Array(repeating: 0, count: width)
            previous = beforePrevious
            current = beforePrevious
        }
        for column in 0..<width { previous[column] = column }
        var leastBefore = 0
        for (row, letter) in wanted.enumerated() {
            current[0] = row + 1
            var least = row + 1
            for (column, candidate) in other.enumerated() {
                var distance = min(previous[column + 1] + 1, current[column] + 1)
                distance = min(distance, previous[column] + (letter == candidate ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], wanted[row - 1] == candidate {
                    distance = min(distance, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = distance
                least = min(least, distance)
            }
            // A swap steps over a row, so it takes two rows to know that no later one comes back within the limit.
            if min(least, leastBefore + 1) > limit { return nil }
            leastBefore = least
            swap(&beforePrevious, &previous)
            swap(&previous, &current)
        }
        return previous[other.count] <= limit ? previous[other.count] : nil
    }
}
