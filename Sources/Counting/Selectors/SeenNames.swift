import TelemetryModel
import Text

/// Values of fields that were seen, up to a bound: what a misspelt one is held against.
struct SeenNames: Sendable {
    /// Of one field; a thousand load balancers are plenty to find the near one among.
    static let valuesMax = 4096
    private static let bytesMax = 512

    private(set) var values: Set<String> = []
    /// More came than were kept.
    private(set) var isCut = false

    mutating func insert(_ value: String) {
        if values.contains(value) { return }
        guard values.count < SeenNames.valuesMax, value.utf8.count <= SeenNames.bytesMax else {
            isCut = true
            return
        }
        values.insert(value)
    }

    /// The names nearest to `asked`, at most three: the same in other letters' case, a few letters away, or a part of one
    /// another.
    func near(_ asked: String) -> [String] {
        let others = values.filter { $0 != asked }.sorted()
        let folded = asked.lowercased()
        var near = others.filter { $0.lowercased() == folded }
        if let nearest = EditDistance.nearest(to: asked, among: others), !near.contains(nearest) {
            near.append(nearest)
        }
        let asked = Array(asked.utf8)
        if asked.count >= 4 {
            for other in others where near.count < 3 && other.utf8.count >= 4 && !near.contains(other) {
                let bytes = Array(other.utf8)
                if SeenNames.holds(bytes, asked) || SeenNames.holds(asked, bytes) { near.append(other) }
            }
        }
        return Array(near.prefix(3))
    }

    /// Whether one name is a part of another, to the byte: a thousand SLOs may ask for thousands of names.
    private static func holds(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, part.count <= whole.count else { return false }
        return (0...whole.count - part.count).contains { start in
            whole[start] == first && whole[start...].starts(with: part)
        }
    }
}
