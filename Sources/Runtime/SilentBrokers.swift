import KafkaClient

/// Which brokers take requests and answer none: a process that hangs, a host that is cut off. librdkafka itself notices after a
/// minute, when a request has timed out.
///
/// A broker is silent when a client waits for it from one of its statistics to the next, and no client of the process has heard
/// of it for ``after``. So an idle connection is not silent, nor is a broker that keeps a single request for long. It is so until it is
/// heard, or its connections are gone, which is another fault.
struct SilentBrokers {
    /// With statistics each 5 s it is noticed within 11 s.
    static let after = Duration.seconds(6)
    private static let waitMin = Duration.seconds(4)
    /// When something was received is known as exactly as statistics come at once.
    private static let inexactness = Duration.seconds(2)

    private struct Reading {
        let bytesReceived: Int
        /// Since when the client has waited, without anything received.
        let waitsSince: ContinuousClock.Instant?
    }

    private var readings: [Int: [String: Reading]] = [:]
    private var heard: [String: ContinuousClock.Instant] = [:]
    /// By address, with the time when they were heard last.
    private(set) var silent: [String: ContinuousClock.Instant] = [:]

    /// Takes the statistics of a client; answers which brokers began and ceased to be silent.
    mutating func note(
        _ brokers: [KafkaStatistics.Broker], of client: Int, at now: ContinuousClock.Instant
    ) -> (began: [String], ended: [String: Duration]) {
        var began: [String] = []
        var ended: [String: Duration] = [:]
        for broker in brokers {
            guard let address = broker.address else { continue }
            let former = readings[client]?[address]
            let isNews = former?.bytesReceived != broker.bytesReceived
            if isNews, let silence = broker.silence {
                heard[address] = max(heard[address] ?? now - silence, now - silence)
            }
            let waitsSince = broker.waitingRequests == 0 ? nil : isNews ? now : former?.waitsSince ?? now
            readings[client, default: [:]][address] = Reading(
                bytesReceived: broker.bytesReceived, waitsSince: waitsSince)
            if let since = silent[address] {
                let isHeard = heard[address].map { $0 > since + SilentBrokers.inexactness } ?? false
                guard isHeard || broker.waitingRequests == 0 && broker.state != "UP" else { continue }
                silent[address] = nil
                ended[address] = since.duration(to: now)
            } else if let waitsSince, waitsSince.duration(to: now) >= SilentBrokers.waitMin {
                let last = heard[address] ?? waitsSince
                guard last.duration(to: now) >= SilentBrokers.after else { continue }
                silent[address] = last
                began.append(address)
            }
        }
        return (began, ended)
    }
}
