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
    }

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
        let planned = state.withLock { $0.plan.next() }
        if case .take(let delay) = planned { letPass(delay) }
        state.withLock { state in
            state.answers[planned.word, default: 0] += 1
            if case .take = planned {
                state.taken.append(Taken(page: page, slot: slot, arrived: arrived))
                if page.isOpen { state.open.insert(page.key) } else { state.open.remove(page.key) }
            }
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
