import Consumer
import Foundation
import KafkaClient
import Records
import Runtime
import Settings

/// A reader of what the consumer with these settings has published, which says on standard error what it waits for.
func feedReader(_ settings: RunSettings, _ skipping: SkipOption) throws -> FeedReader {
    let topics = OutputTopics(prefix: settings.outputs.prefix)
    return FeedReader(
        kafka: settings.kafka.clientSettings, topics: topics,
        skips: SkippedRecords(try skipping.places(in: topics)) { place in
            Console.error("\(place) is passed over on request; what it says is missing")
        },
        whileWaiting: { trouble, patience in
            Console.error("no broker answers yet; \(trouble); trying for \(patience.components.seconds) s")
        })
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
