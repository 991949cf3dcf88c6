import Foundation
import SyntheticEstate
import TelemetryModel

/// Sends an estate's records in the order of their delivery, an hour of them in some seconds.
struct DemoPlayer: Sendable {
    let address: String
    let estate: SyntheticEstate
    let seconds: Double

    /// Returns what really happened, once all is acknowledged.
    func play() throws -> EstateTotals {
        var estate = estate
        let sink = try TopicSink(bootstrap: address, prefix: "", rate: 0)
        let minutes = estate.settings.minutes
        let began = ContinuousClock.now
        while let records = estate.nextMinute() {
            try sink.send(records)
            // The embedded broker keeps 5 MiB of each partition, so records are played no faster than they are read.
            let due = began + .seconds(seconds * Double(estate.deliveredMinutes) / Double(minutes))
            Thread.sleep(until: Date(timeIntervalSinceNow: max(0, ContinuousClock.now.duration(to: due).asSeconds)))
        }
        try sink.finish()
        return estate.ledger
    }
}

extension Duration {
    var asSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
