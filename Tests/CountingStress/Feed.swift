import SyntheticEstate
import TelemetryModel

/// The messages of one topic, each of `eventsOfMessage` records, which are fed again and again.
struct Feed: Sendable {
    static let eventsOfMessage = 4

    let topic: String
    let objective: String
    let messages: [[UInt8]]
    /// By message.
    let good: [Int]

    /// Calls that have no `errorCode` are good.
    static func cloudTrail(seed: UInt64) -> Feed {
        Feed(topic: "trail", objective: "calls", .cloudTrail, seed) { !$0.contains(#""errorCode""#) }
    }

    /// Accepted flows are good.
    static func flowLogs(seed: UInt64) -> Feed {
        Feed(topic: "flows", objective: "flows", .vpcFlow, seed) { $0.contains(" ACCEPT ") }
    }

    private init(
        topic: String, objective: String, _ kind: EventKind, _ seed: UInt64, isGood: (String) -> Bool
    ) {
        var settings = EstateSettings(start: Timestamp(nanoseconds: 1_768_467_600_000_000_000))
        settings.seed = seed
        settings.minutes = 10
        settings.kinds = [kind]
        settings.cloudTrailPerMinute = 100
        settings.flowLogsPerMinute = 100
        var estate = SyntheticEstate(settings: settings)
        var lines: [String] = []
        while let minute = estate.nextMinute() {
            lines += minute.map { String(decoding: $0.bytes, as: UTF8.self) }
        }
        let whole = lines.count / Feed.eventsOfMessage * Feed.eventsOfMessage
        let groups = stride(from: 0, to: whole, by: Feed.eventsOfMessage).map { lines[$0..<$0 + Feed.eventsOfMessage] }
        self.topic = topic
        self.objective = objective
        messages = groups.map { Array($0.joined(separator: "\n").utf8) }
        good = groups.map { $0.count(where: isGood) }
    }

    /// What the first `count` messages amount to.
    func amounts(ofMessages count: Int) -> (good: Int, total: Int, bytes: Int) {
        let (rounds, rest) = count.quotientAndRemainder(dividingBy: messages.count)
        func sum(_ values: (Int) -> Int) -> Int {
            rounds * messages.indices.reduce(0) { $0 + values($1) } + (0..<rest).reduce(0) { $0 + values($1) }
        }
        return (sum { good[$0] }, count * Feed.eventsOfMessage, sum { messages[$0].count })
    }
}
