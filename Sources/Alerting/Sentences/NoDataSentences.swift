// What a person reads of an objective of which nothing comes any more.

extension FindingSentences {
    static func noData(for length: String) -> FindingSentences {
        FindingSentences(
            summary: "no data for \(length)", summaryOfEnd: "there is data again", endOfAll: "there is data again",
            holding: "there is no record for \(length)", notHolding: "there are records again")
    }
}
