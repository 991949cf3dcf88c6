/// What a sink took, held against the feed: each incident opened once and closed once, in order, and nothing else.
struct PageAccount {
    /// Sentences; empty where all is as it should be, but for repeats.
    private(set) var problems: [String] = []
    /// Requests that said what the sink had taken of that alert just before: places in `taken`, and of the one before.
    private(set) var repeats: [(place: Int, of: Int)] = []
    private(set) var opened = 0
    private(set) var closed = 0

    /// - Parameter taken: what was answered with 2xx, in the order of the answers.
    init(_ taken: [TakenPage], of sink: PageSink, against feed: FeedHistory) {
        var places: [String: [Int]] = [:]
        for (place, page) in taken.enumerated() {
            if let last = places[page.key]?.last, taken[last] == page {
                repeats.append((place, last))
                // The next one is a repeat of this one.
                places[page.key]?.removeLast()
            }
            places[page.key, default: []].append(place)
        }
        for key in Set(feed.keys).union(places.keys).sorted() {
            let pages = (places[key] ?? []).map { taken[$0] }
            opened += pages.count { $0.isOpen }
            closed += pages.count { !$0.isOpen }
            compare(pages, feed.changes(of: key), key: "\(sink.rawValue): \(key)")
        }
    }

    private mutating func compare(_ pages: [TakenPage], _ changes: [FeedHistory.Change], key: String) {
        if changes.isEmpty { return problems.append("\(key) was paged, and the feed does not have it") }
        for (index, (page, change)) in zip(pages, changes).enumerated() where !page.isOf(change) {
            problems.append(
                "\(key): page \(index + 1) is \(page), and should be \(change); \(pages.count) pages of "
                    + "\(changes.count) transitions")
            break
        }
        if pages.count < changes.count {
            problems.append(
                "\(key): \(changes[pages.count]) was not paged, nor \(changes.count - pages.count - 1) more")
        } else if pages.count > changes.count {
            problems.append("\(key): \(pages.count - changes.count) pages more than transitions")
        }
        if let last = changes.last, let said = pages.last, said.isOpen != last.isOpen {
            problems.append("\(key): is left \(said) there, and is \(last) in the feed")
        }
    }
}
