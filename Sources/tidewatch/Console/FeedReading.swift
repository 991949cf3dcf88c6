import Consumer
import Foundation
import KafkaClient
import Observability
import Records
import Runtime
import Settings
import Synchronization

/// A reader of what the consumer with these settings has published, which says on standard error what it waits for.
///
/// - Parameter isFollowing: says at once, and then once a minute, that records are passed over for want of a right code; else who
///   reads says it in the end.
func feedReader(_ settings: RunSettings, _ skipping: SkipOption, isFollowing: Bool = false) throws -> FeedReader {
    let journal = Mutex(FaultJournal())
    let topics = OutputTopics(prefix: settings.outputs.prefix)
    return FeedReader(
        kafka: settings.kafka.clientSettings, topics: topics,
        skips: SkippedRecords(
            try skipping.places(in: topics), authentication: settings.outputs.authentication,
            say: { place in Console.error("\(place) is passed over on request; what it says is missing") },
            refused: { place, fault in
                guard isFollowing, journal.withLock({ $0.failed(fault.rawValue, at: .now) }) != nil else { return }
                Console.error("\(place) is passed over: its authentication code is not right (\(fault.rawValue))")
            }),
        whileWaiting: { trouble, patience in
            Console.error("no broker answers yet; \(trouble); trying for \(patience.components.seconds) s")
        })
}

/// Says on standard error which records were to be skipped and were not there, so that nobody takes a slip for a gap.
func tellSkipsNotMet(_ feed: FeedReader) {
    for place in feed.skipsNotMet {
        Console.error("--skip \(place): no such record was read; it is of another topic, or no longer there")
    }
}

/// Says on standard error what was passed over for want of a right code.
func tellUnauthentic(_ feed: FeedReader) {
    for (topic, text) in feed.unauthentic.lines { Console.error("\(topic): \(text)") }
}

/// Runs `read`, and says what could not be read; options that don't fit together are the configuration's fault.
func reading<Result>(_ what: String, _ read: () throws -> Result) throws -> Result {
    do {
        return try read()
    } catch let error as CommandFailure {
        throw error
    } catch let error as KafkaOptionError {
        throw CommandFailure(.misused, "\(what) could not be read: \(error)")
    } catch {
        throw CommandFailure(.failed, "\(what) could not be read: \(error)")
    }
}
