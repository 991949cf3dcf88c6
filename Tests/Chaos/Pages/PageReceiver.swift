import Foundation
import Synchronization
import TestSupport

/// A sink as a process of its own would be: takes the members' requests over HTTP, answers by its plan, and remembers all.
final class PageReceiver: Sendable {
    struct Taken {
        let page: TakenPage
        /// Whose place in the fleet the request came from.
        let slot: Int
        let arrived: ContinuousClock.Instant
    }

    private struct State {
        var plan: AnswerPlan
        var taken: [Taken] = []
        var open: Set<String> = []
        var answers: [String: Int] = [:]
        /// The next request that would be taken is held.
        var isArmed = false
        var held: (page: TakenPage, slot: Int)?
        var late = 0

        mutating func take(_ page: TakenPage, slot: Int, arrived: ContinuousClock.Instant) {
            taken.append(Taken(page: page, slot: slot, arrived: arrived))
            if page.isOpen { open.insert(page.key) } else { open.remove(page.key) }
            // A held one that says the same comes right behind it, before anything later of its alert.
            guard let late = held, late.page == page, late.slot != slot else { return }
            held = nil
            self.late += 1
            take(late.page, slot: late.slot, arrived: .now)
        }
    }

    /// Longer than anybody waits for a member that is stopped.
    private static let holdMax = Duration.seconds(600)

    let sink: PageSink
    private let state: Mutex<State>
    private let journal: Journal
    private let record: FileHandle
    private let http = Mutex<HTTPReceiver?>(nil)

    init(_ sink: PageSink, seed: UInt64, journal: Journal, folder: URL) throws {
        self.sink = sink
        self.journal = journal
        state = Mutex(State(plan: AnswerPlan(seed: seed)))
        let url = folder.appendingPathComponent("\(sink.rawValue).ndjson")
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        record = try FileHandle(forWritingTo: url)
        let receiver = try HTTPReceiver { [unowned self] in answer($0) }
        http.withLock { $0 = receiver }
    }

    deinit { http.withLock { $0?.stop() } }

    /// Where the member in that place is to send its requests.
    func address(slot: Int) -> String {
        "http://127.0.0.1:\(http.withLock { $0?.port ?? 0 })/slot-\(slot)/v2/enqueue"
    }

    var taken: [Taken] { state.withLock { $0.taken } }
    var openCount: Int { state.withLock { $0.open.count } }
    /// How often it gave which answer.
    var answers: [String: Int] { state.withLock { $0.answers } }

    /// Holds the next request that it would take, until the same one of another member is taken; it refuses nobody meanwhile.
    func arm() { state.withLock { $0.isArmed = true } }
    /// Whose request is held.
    var held: Int? { state.withLock { $0.held?.slot } }
    /// Requests that were taken right behind the same one of another member.
    var late: Int { state.withLock { $0.late } }

    /// Holds nothing any more; what is held has arrived.
    func release() {
        state.withLock { state in
            state.isArmed = false
            guard let held = state.held else { return }
            state.held = nil
            state.take(held.page, slot: held.slot, arrived: .now)
        }
    }

    /// From now on it takes all.
    func calm() { state.withLock { $0.plan.isCalm = true } }

    private func answer(_ request: HTTPReceiver.Request) -> HTTPReceiver.Answer {
        let arrived = ContinuousClock.now
        let slot = request.path.split(separator: "/").first?.split(separator: "-").last.flatMap { Int($0) } ?? -1
        let page: TakenPage
        do { page = try sink.read(request.body, headers: request.headers) } catch {
            journal.problem("\(error)")
            return .status(400, body: #"{"message":"Malformed"}"#)
        }
        // Who takes over from a stopped member has a bounded time: by its plan the receiver might refuse it all the while.
        let planned = state.withLock { state in
            let answer = state.plan.next()
            return state.held == nil ? answer : .take(delay: .zero)
        }
        if case .take(let delay) = planned { letPass(delay) }
        let isHeld = state.withLock { state in
            state.answers[planned.word, default: 0] += 1
            guard case .take = planned else { return false }
            let isHeld = state.isArmed
            if isHeld {
                (state.isArmed, state.held) = (false, (page, slot))
            } else {
                state.take(page, slot: slot, arrived: arrived)
            }
            return isHeld
        }
        // Nothing but the one that is held is held: whoever sent it is stopped.
        if isHeld { _ = eventually(within: Self.holdMax, every: .milliseconds(5)) { held == nil } }
        state.withLock { _ in
            let place = "\(Date().ISO8601Format())\tslot \(slot)\t\(planned.word)\t\(page)\t"
            record.write(Data(place.utf8) + request.body + Data("\n".utf8))
        }
        switch planned {
        case .take: return .status(202, body: #"{"status":"success","message":"Event processed"}"#)
        case .refuse(let status, let seconds):
            let headers = seconds.map { ["retry-after": "\($0)"] } ?? [:]
            return .status(status, headers: headers, body: #"{"status":"error","message":"Not now"}"#)
        case .silence: return .silence
        }
    }
}

/// Both sinks.
struct PageReceivers {
    let all: [PageReceiver]
    private let secretFile: String

    init(_ options: ChaosOptions, journal: Journal, folder: URL) throws {
        let secret = folder.appendingPathComponent("secret")
        try Data(PageSink.secret.utf8).write(to: secret)
        secretFile = secret.path
        all = try PageSink.allCases.enumerated().map { index, sink in
            try PageReceiver(sink, seed: options.seed &+ UInt64(index) &* 1_000_003, journal: journal, folder: folder)
        }
    }

    /// The part of the settings that connects the member in this place.
    func settings(slot: Int) -> String {
        // Event time is behind by as long as the run takes: nothing of it is past.
        let lines = all.map { receiver in
            switch receiver.sink {
            case .pagerDuty:
                "pagerDuty: {routingKey: \(PageSink.routingKey), endpoint: \"\(receiver.address(slot: slot))\"}"
            case .webhook:
                "sinks: [{name: \(receiver.sink.rawValue), webhook: {url: \"\(receiver.address(slot: slot))\", "
                    + "secretFile: \"\(secretFile)\"}}]"
            }
        }
        return (["alerts: {maxAge: 3650d}"] + lines).joined(separator: "\n  ")
    }

    var takenCount: Int { all.map(\.taken.count).reduce(0, +) }
    /// Whose request was taken last.
    var lastSlot: Int? { all.compactMap(\.taken.last).max { $0.arrived < $1.arrived }?.slot }
    var openCount: Int { all.map(\.openCount).max() ?? 0 }
    func calm() { for receiver in all { receiver.calm() } }
}
