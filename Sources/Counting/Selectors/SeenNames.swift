/// Values of fields that were seen, up to a bound: what a misspelt one is held against.
struct SeenNames: Sendable {
    /// Of one field; a thousand load balancers are plenty to find the near one among.
    static let valuesMax = 4096
    private static let bytesMax = 512

    /// Kept beyond the bound, too: that what is asked for is there must never be denied.
    private let asked: Set<String>
    private(set) var values: Set<String> = []
    /// More came than were kept.
    private(set) var isCut = false

    init(asked: Set<String> = []) { self.asked = asked }

    mutating func insert(_ value: String) {
        if values.contains(value) { return }
        let isKept = values.count < SeenNames.valuesMax && value.utf8.count <= SeenNames.bytesMax
        guard isKept || asked.contains(value) else {
            isCut = true
            return
        }
        values.insert(value)
    }
}
