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
}
