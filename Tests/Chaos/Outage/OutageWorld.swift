import Foundation
import Sinks
import Statistics
import TelemetryModel

/// Mistakes that the checks have to find.
enum PlantedFault: String, CaseIterable {
    /// A member begins without the log of what the sink was told.
    case withoutLog = "without the log"
    /// An offset is committed when it is read.
    case commitsEarly = "commits early"
    /// The sink takes what it answers with 500.
    case takesAndFails = "takes and fails"
    /// A member that stood still goes on as if nothing had happened.
    case neverDoubts = "never doubts"
}

/// An afternoon in which one sink answers 500 for an hour, with the production engine of each of two members, a clock of its
/// own, and crashes, pauses and takeovers at any step between two of its effects.
final class OutageWorld {
    static let members = 2
    /// As librdkafka's sessions and the client's requests in the chaos run.
    static let sessionSeconds = 6.0
    static let leaveSeconds = 10.0

    let pageSink: PageSink
    let feed: OutageFeed
    let sink: any Sink
    let planted: PlantedFault?
    var random: SeededGenerator
    private(set) var now = 0.0
    var members: [OutageMember] = []
    var retired: [OutageWatch] = []

    // Kafka's side.
    var log: [Int32: [(key: String, value: [UInt8]?)]] = [:]
    /// What members that died had sent: it may come later.
    var late: [(at: Double, partition: Int32, records: [NotificationRecord])] = []
    var committed: [Int32: Int64] = [:]
    var owners: [Int32: Int] = [:]
    /// Partitions that nobody has, and when the group gives them away.
    var orphans: [Int32: Double] = [:]
    /// Partitions that leave a running member for another.
    var leaving: [Int32: (to: Int, until: Double)] = [:]
    var generation: Int32 = 0

    // The sink's side.
    private(set) var taken: [TakenPage] = []
    var changesTaken: [String: Int] = [:]
    private var lastTaken: [String: TakenPage] = [:]

    var crashes = 0
    var pauses = 0
    private(set) var waitingMax = 0
    var problems: [String] = []

    init(_ pageSink: PageSink, seed: UInt64, planted: PlantedFault? = nil) throws {
        self.pageSink = pageSink
        self.planted = planted
        feed = OutageFeed(seed: seed)
        random = SeededGenerator(seed: seed ^ (pageSink == .pagerDuty ? 0x6F75_7461_6765 : 0x686F_6F6B))
        switch pageSink {
        case .pagerDuty:
            guard let key = PagerDutyRoutingKey(PageSink.routingKey) else {
                throw PageSink.Malformed(description: "no routing key")
            }
            sink = PagerDutySink(name: pageSink.rawValue, endpoint: "https://sink.example/", routingKey: key)
        case .webhook:
            sink = WebhookSink(
                name: pageSink.rawValue, url: "https://sink.example/", secret: Array(PageSink.secret.utf8))
        }
        for _ in 0..<Self.members { members.append(OutageMember(makeEngine())) }
        for partition in 0..<OutageFeed.partitions {
            committed[partition] = 0
            give(partition, to: Int(partition) % Self.members)
        }
    }

    func makeEngine() -> DeliveryEngine {
        // With the age of 1 h, which waiting does not add to.
        var limits = DeliveryLimits()
        if planted == .neverDoubts { limits.stillMaxNanoseconds = .max }
        return DeliveryEngine(sink: sink, limits: limits, seed: random.next())
    }

    private var isDown: Bool { OutageFeed.outage.contains(now) }

    // MARK: Time

    func run() {
        var nextMinute = 60.0
        while !isDone {
            let before = now
            now += isIdle ? 1 + 3.9 * random.unit() : 0.2 + 1.8 * random.unit()
            wakeMembers()
            moveShares()
            for index in members.indices { turn(of: index, since: before) }
            if now >= nextMinute {
                nextMinute = (now / 60).rounded(.down) * 60 + 60
                checkBacklog()
            }
            if before < OutageFeed.outage.upperBound + 900, now >= OutageFeed.outage.upperBound + 900 { checkCatchUp() }
            if now > OutageFeed.end + 10_000 { return problems.append("it does not come to rest") }
        }
    }

    /// The account of what the sink took, and the watches of all engines.
    func account() -> (account: PageAccount, watches: [OutageWatch]) {
        (PageAccount(taken, of: pageSink, against: feed.history), retired + members.map(\.watch))
    }

    private var isIdle: Bool { members.allSatisfy { $0.posts.isEmpty && $0.writes.isEmpty } }

    private var isDone: Bool {
        now > OutageFeed.end && isIdle && orphans.isEmpty && leaving.isEmpty
            && members.allSatisfy { $0.life == .running && $0.engine.waiting == 0 }
            && owners.allSatisfy { partition, owner in
                members[owner].reading[partition] == Int64(feed.entries[partition]?.count ?? 0)
            }
    }

    // MARK: A member's turn

    private func turn(of index: Int, since before: Double) {
        writeLate()
        // What is on its way goes on whether or not the sender does.
        arrive(of: members[index])
        guard members[index].life == .running else { return }
        for partition in members[index].reading.keys.sorted() where leaving[partition] == nil {
            while let entry = next(of: members[index], partition) {
                members[index].reading[partition] = entry.record.offset + 1
                if planted == .commitsEarly { committed[partition] = entry.record.offset + 1 }
                step(.record(entry.record), index)
            }
        }
        while let done = nextOutcome(of: members[index]) {
            step(done, index)
            // Any step may be the last one.
            if strikes(index) { return }
        }
        step(.tick, index)
        commit(index)
        members[index].watch.look(at: now, since: before)
        waitingMax = max(waitingMax, members[index].engine.waiting)
        _ = strikes(index)
    }

    /// A commit is refused to who is no owner any more; one may be lost, as long as a later one is not.
    private func commit(_ index: Int) {
        let member = members[index]
        let monotonic = Int64(now * 1e9)
        guard let request = member.commits.next(at: monotonic, isInDoubt: member.engine.isInDoubt) else { return }
        let isOwner = request.offsets.allSatisfy {
            member.generations[$0.partition] == ownerGeneration(of: $0.partition)
        }
        guard isOwner, random.chance(0.7) else { return member.commits.failed(at: monotonic) }
        for offset in request.offsets {
            committed[offset.partition] = max(offset.next, committed[offset.partition] ?? 0)
        }
        if let input = member.commits.taken(request) { step(input, index) }
    }

    private func next(of member: OutageMember, _ partition: Int32) -> OutageFeed.Entry? {
        guard let offset = member.reading[partition], let entries = feed.entries[partition], offset < entries.count,
            entries[Int(offset)].written <= now, !member.engine.pausedPartitions.contains(partition)
        else { return nil }
        return entries[Int(offset)]
    }

    /// Requests that reach the sink by now, and records that reach the topic.
    func arrive(of member: OutageMember, all: Bool = false) {
        for place in member.posts.indices
        where member.posts[place].answer == nil && (all || member.posts[place].arrives <= now) {
            member.posts[place].answer = answer(to: member.posts[place].request)
        }
        for place in member.writes.indices
        where !member.writes[place].isInTopic && (all || member.writes[place].arrives <= now) {
            member.writes[place].isInTopic = true
            write(member.writes[place].records)
        }
    }

    private func nextOutcome(of member: OutageMember) -> DeliveryInput? {
        if let place = member.posts.firstIndex(where: { $0.answers <= now && $0.answer != nil }) {
            let post = member.posts.remove(at: place)
            return post.answer.map { .answered(post.token, $0) }
        }
        // Acknowledgements come in order.
        if let first = member.writes.first, first.isInTopic, first.acknowledged <= now {
            member.writes.removeFirst()
            return .written(first.token)
        }
        return nil
    }

    func step(_ input: DeliveryInput, _ index: Int) {
        let member = members[index]
        let moment = DeliveryMoment(
            monotonic: Int64(now * 1e9), wall: OutageFeed.start.advanced(by: Int64(now * 1e9)))
        let key = failingKey(of: input, member)
        let effects = member.engine.step(input, at: moment)
        let saysTrouble = effects.contains { if case .trouble = $0 { true } else { false } }
        if let key { member.watch.failed(key, at: now, hasSaid: saysTrouble) }
        for effect in effects { perform(effect, of: member) }
    }

    private func failingKey(of input: DeliveryInput, _ member: OutageMember) -> String? {
        guard case .answered(let token, let answer) = input else { return nil }
        if case .status(200..<300, _, _) = answer {
            member.watch.took()
            return nil
        }
        return member.keys[token]
    }

    private func perform(_ effect: DeliveryEffect, of member: OutageMember) {
        switch effect {
        case .post(let token, let request):
            let arrives = now + 0.5 * random.unit()
            member.posts.append(
                OutageMember.Post(
                    token: token, request: request, arrives: arrives, answers: arrives + 3 * random.unit()))
            if let page = page(of: request) {
                member.keys[token] = page.key
                member.watch.posted(page.key, at: now, isDown: isDown && now - OutageFeed.outage.lowerBound > 10)
            }
        case .log(let token, let records):
            let arrives = now + 0.3 * random.unit()
            member.writes.append(
                OutageMember.Write(
                    token: token, partition: records[0].partition, records: records, arrives: arrives,
                    acknowledged: arrives + 0.5 * random.unit()))
        case .commit(let partition, let next): member.commits.settled(partition, next: next)
        case .trouble: member.watch.said(at: now)
        case .recovered: member.watch.recovered()
        case .deadLetter: problems.append("a page was set apart at \(now)")
        case .pause, .resume, .count: break
        }
    }

    private func page(of request: SinkRequest) -> TakenPage? {
        let headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
        do { return try pageSink.read(Data(request.body), headers: headers) } catch {
            problems.append("\(error)")
            return nil
        }
    }

    // MARK: The sink

    func answer(to request: SinkRequest) -> SinkAnswer {
        guard let page = page(of: request) else { return .status(400, body: [], retryAfterSeconds: nil) }
        let ticket = random.below(100)
        if isDown || ticket < 5 {
            if planted == .takesAndFails { take(page) }
            return .status(500, body: Array("Internal Server Error".utf8), retryAfterSeconds: nil)
        }
        if ticket < 7 { return .status(429, body: [], retryAfterSeconds: 1) }
        if ticket < 10 { return .none("nothing came within 8.0 seconds") }
        take(page)
        return .status(202, body: [], retryAfterSeconds: nil)
    }

    private func take(_ page: TakenPage) {
        taken.append(page)
        if lastTaken[page.key] != page { changesTaken[page.key, default: 0] += 1 }
        lastTaken[page.key] = page
    }

    // MARK: The log

    private func write(_ records: [NotificationRecord]) {
        for record in records { log[record.partition, default: []].append((record.compactionKey, record.json)) }
        if random.chance(0.02), let partition = records.first?.partition { compact(partition) }
    }

    private func writeLate() {
        for entry in late where entry.at <= now { write(entry.records) }
        late.removeAll { $0.at <= now }
    }

    private func compact(_ partition: Int32) {
        let records = log[partition] ?? []
        var last: [String: Int] = [:]
        for (place, record) in records.enumerated() { last[record.key] = place }
        log[partition] = records.enumerated().filter { last[$1.key] == $0 && $1.value != nil }.map(\.element)
    }
}
