import Foundation
import KafkaClient
import Statistics
import Synchronization
import SyntheticEstate
import TelemetryModel
import TestSupport

/// Produces the estate at a steady pace on a thread of its own, never ahead of the kills, so that there is something to be
/// lost at each of them.
///
/// A CloudTrail record's key is its `eventID`, so that its copies lie in its partition: there they are recognised. Others
/// have the minute in theirs, so that each partition has something of each time.
final class Production: Sendable {
    private let topics: Topics
    private let settings: EstateSettings
    private let minutePause: Duration
    private let state = Mutex(State())

    private struct State {
        /// The minutes of the estate that may be produced.
        var allowed = 0.0
        /// From where on the rest is shared out.
        var base = (share: 0.0, minute: 0.0)
        /// The minute that was produced last.
        var minute = 0
        var isFree = false
        /// Those before the first incident alone.
        var isQuiet = true
        var pace = Pace.evenly
        var isCancelled = false
        var result: Result<Ledger, any Error>?
        var messages = 0
    }

    /// - Parameter time: how long it lasts; nil for as long as the kills take, some 8 s each with the rebalances that they bring about.
    init(_ options: ChaosOptions, topics: Topics, lasting time: Duration? = nil) {
        self.topics = topics
        var settings = EstateSettings(start: options.start)
        settings.seed = options.seed
        settings.minutes = options.minutes
        settings.incidents = Incident.allCases
        settings.incidentInterval = 20
        settings.cloudTrailPerMinute = 60
        settings.flowLogsPerMinute = 300
        settings.duplicateShare = 0.05
        settings.lateShare = 0.05
        settings.lateMinutesMax = 20
        self.settings = settings
        minutePause = (time ?? .seconds(6) * options.kills) / options.minutes
    }

    enum Pace {
        /// For as long as it is to last.
        case evenly
        case quickly
        /// So that time does not stand still, and little of the estate goes.
        case slowly
    }

    /// For a minute of the estate.
    private func pause(_ pace: Pace) -> Duration {
        switch pace {
        case .evenly: minutePause
        case .quickly: min(minutePause, max(minutePause / 4, .milliseconds(500)))
        case .slowly: max(minutePause, .seconds(3))
        }
    }

    var messages: Int { state.withLock { $0.messages } }
    /// What was produced in all; nil while it is under way.
    var result: Result<Ledger, any Error>? { state.withLock { $0.result } }

    /// Lets it go on to that share of the estate; after a time in which it was free, of what is left since.
    func allow(_ share: Double) {
        state.withLock { state in
            let rest = (share - state.base.share) / (1 - state.base.share)
            let minute = state.base.minute + rest * (minutes - state.base.minute)
            state.allowed = max(state.allowed, minute)
        }
    }

    /// Lets it go on beyond the quiet minutes that it begins with, as far as it may otherwise.
    func letIncidentsCome() { state.withLock { $0.isQuiet = false } }

    /// Lets it go on by itself, until it is held.
    func free() { state.withLock { $0.isFree = true } }

    /// - Parameter share: how much of the run is over.
    func hold(at share: Double) {
        state.withLock { state in
            (state.isFree, state.pace) = (false, .evenly)
            state.base = (min(share, 0.99), max(state.allowed, Double(state.minute)))
        }
    }

    func go(_ pace: Pace) { state.withLock { $0.pace = pace } }

    private var minutes: Double { Double(settings.minutes + settings.lateMinutesMax) }
    func cancel() { state.withLock { $0.isCancelled = true } }

    func start(_ cluster: Cluster) throws {
        let producer = try KafkaProducer(settings: cluster.settings)
        Thread.detachNewThread { [self] in
            let result = Result { try produce(with: producer) }
            state.withLock { $0.result = result }
        }
    }

    private func produce(with producer: KafkaProducer) throws -> Ledger {
        var estate = SyntheticEstate(settings: settings)
        var random = SeededGenerator(seed: settings.seed ^ 0x6368_616F_73)
        var ledger = Ledger()
        var minute = 0
        let quiet = estate.ledger.incidents.map(\.minutes.lowerBound).min() ?? settings.minutes
        while let records = estate.nextMinute() {
            minute += 1
            while state.withLock({ state in
                let isHeld = Double(minute) > state.allowed && !state.isFree || minute > quiet && state.isQuiet
                return isHeld && !state.isCancelled
            }) {
                letPass(.milliseconds(20))
            }
            var messages: [(topic: String, key: String, value: [UInt8])] = []
            var flows: [String: Int] = [:]
            for record in records {
                let eventID = try ledger.count(record)
                let topic = self.topic(of: record.kind)
                // Lines of one interface and minute share a message, as they do in real deliveries.
                if record.kind == .vpcFlow, let index = flows[record.key] {
                    messages[index].value += [0x0A] + record.bytes
                    continue
                }
                if record.kind == .vpcFlow { flows[record.key] = messages.count }
                messages.append((topic, eventID ?? "\(record.key) \(minute)", record.bytes))
            }
            if random.chance(0.3), let kind = EventKind.allCases.randomElement(using: &random) {
                let broken = Array("{broken in minute \(minute)".utf8)
                ledger.reject(broken)
                messages.insert(
                    (topic(of: kind), "\(random.below(100))", broken), at: random.below(messages.count + 1))
            }
            for message in messages {
                try producer.send(topic: message.topic, key: Array(message.key.utf8), value: message.value)
                letPass(pause(state.withLock { $0.pace }) / messages.count)
            }
            state.withLock { ($0.messages, $0.minute) = ($0.messages + messages.count, minute) }
            if state.withLock({ $0.isCancelled }) { break }
        }
        let outcome = producer.close(timeout: .seconds(60))
        guard outcome == .delivered else {
            throw ChaosOptions.Problem(description: "the estate was not delivered: \(outcome)")
        }
        ledger.take(estate.ledger)
        return ledger
    }

    private func topic(of kind: EventKind) -> String {
        switch kind {
        case .cloudTrail: topics.input(Topics.cloudTrail)
        case .vpcFlow: topics.input(Topics.flowLogs)
        case .metric: topics.input(Topics.metrics)
        }
    }
}
