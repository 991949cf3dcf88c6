import Accounting
import Alerting
import Counting
import Decoding
import Evaluation
import Objectives
import Records
import Statistics
import TelemetryModel

extension World {
    /// Ends the disturbances: all processes die, a last set of members takes over and works until nothing is left to do.
    /// What the dead had sent goes on arriving meanwhile.
    func drain() {
        var random = SeededGenerator(seed: plan.seed ^ 0xD8A1)
        say("the last members take over")
        newerForm = .known
        for member in members {
            kill(member, &random)
            member.isMember = false
        }
        for evaluator in evaluators { kill(evaluator, &random) }
        if isAltered { repair() }
        join(&random)
        join(&random)
        for shard in 0..<Int32(Estate.shards.count) { startEvaluator(of: [shard]) }
        work(&random)
        // Time goes on, so that all windows close.
        now += 3600
        for holding in members.flatMap(\.holdings) { holding.stir() }
        work(&random)
        for _ in 0..<1000 where !pager.drain(feed) {}
        if failure == nil, let complaint = finalComplaint() { fail(complaint) }
        statistics.zombieUpdates = oracle.superseded
        statistics.repeatedUpdates = oracle.repeated
        statistics.repeatedAlerts = oracle.repeatedAlerts
        statistics.refused = oracle.judgements.joined().reduce(0) { $0 + $1.refusedCount }
        statistics.pages = pager.told.values.reduce(0) { $0 + $1.count }
    }

    private func work(_ random: inout SeededGenerator) {
        // A long backlog in flushes of a few records and parts of a few items takes some thousands of turns.
        for _ in 0..<50_000 where failure == nil {
            sweep()
            if !assigned.allSatisfy({ $0?.isAlive ?? false }) { rebalance(&random) }
            for member in members where member.isAlive {
                for _ in 0..<16 where !member.advance(&random) { break }
                member.flushAll()
                for _ in 0..<4 where !member.publish() { break }
                _ = member.commit()
            }
            for evaluator in evaluators {
                for _ in 0..<16 where !evaluator.advance() { break }
                _ = evaluator.turn()
            }
            for producer in producers {
                for lane in producer.queues.indices where !producer.queues[lane].isEmpty && random.chance(0.7) {
                    append(producer, lane: lane)
                }
                while !producer.receipts.isEmpty, random.chance(0.8) {
                    producer.settle(random.below(producer.receipts.count), isLost: false)
                }
            }
            if isQuiet { return }
        }
        if failure == nil { fail("the last members do not come to rest") }
    }

    private var isQuiet: Bool {
        producers.allSatisfy { $0.isIdle && $0.receipts.isEmpty }
            && members.allSatisfy { !$0.isAlive || $0.isQuiet } && evaluators.allSatisfy(\.isQuiet)
            && evaluatorOf.allSatisfy { $0 != nil }
    }

    // MARK: What is wrong in the end

    private func finalComplaint() -> String? {
        for source in sources {
            for shard in 0..<Estate.shards.count {
                let through = oracle.state(of: source.partition, in: shard).through
                let end = SourcePoint(incarnation: Int32(source.life), offset: Int64(source.current.high))
                if through != end { return "shard \(shard): \(source.partition) is counted to \(through as Any)" }
            }
        }
        return complaintOfLetters() ?? complaintOfWindows() ?? complaintOfAlerts() ?? complaintOfReplay()
            ?? complaintOfPages()
    }

    /// Of each record that was refused there is a dead letter.
    private func complaintOfLetters() -> String? {
        for (number, source) in sources.enumerated() {
            if let point = source.missingLetter(oracle.judgements[number], letters[number]) {
                return "\(source.partition): \(point) was refused without a dead letter"
            }
        }
        return nil
    }

    /// What is published of each definition, against the records that were counted by it.
    private func complaintOfWindows() -> String? {
        var newest: [String: WindowRecord] = [:]
        for record in results[ResultTopic.windows.rawValue].flatMap(\.records) {
            guard let value = record.value else { continue }
            do {
                let window = try WindowRecord(json: value)
                func version(_ window: WindowRecord) -> (Int64, Int64) { (window.stamp ?? .min, window.epoch ?? .min) }
                if let other = newest[window.key], version(other) > version(window) { continue }
                newest[window.key] = window
            } catch { return "a window record can't be read: \(error)" }
        }
        if let complaint = complaintOfGroups(newest.values) { return complaint }
        for release in 0...1 {
            var (published, truth) = (Counts(), Counts())
            let definition = Estate.plans[release].definitions[1]
            for window in newest.values {
                if window.terms.name == Estate.jobs {
                    // Counts that don't say are taken for those of the first definition.
                    if window.terms.definition ?? Estate.plans[0].definitions[1] != definition { continue }
                } else if release == 1 {
                    continue
                }
                published.add(window)
            }
            for source in sources {
                for shard in 0..<Estate.shards.count {
                    let number = Int(source.partition.partition)
                    let counted = source.counts(oracle.shards[shard].counted[number], oracle.judgements[number])
                    truth.add(counted.of(release, shard: shard))
                }
            }
            (published, truth) = (published.ofObjectives, truth.ofObjectives)
            let isWhole = sources.indices.allSatisfy { number in
                oracle.shards.allSatisfy { $0.gaps[number].allSatisfy { $0.cause != .expired } }
            }
            let isEqual = isWhole ? published == truth : Oracle.events(published) == Oracle.events(truth)
            if !isEqual { return "release \(release): the windows published have \(published.beyond(truth)) too much" }
        }
        return nil
    }

    /// At most one group is kept apart, and it has all the records of its name.
    private func complaintOfGroups(_ windows: some Collection<WindowRecord>) -> String? {
        let groups = windows.filter { $0.terms.name == Estate.grouped && $0.terms.group?.isOther == false }
        let names = Set(groups.compactMap { $0.terms.group?.values.first ?? nil })
        guard let name = names.first else { return nil }
        if names.count > 1 { return "groups are kept apart of \(names.sorted())" }
        let kind: Counts.Kind = name == Estate.names[0] ? .first : .second
        let published = groups.reduce(Int64(0)) { $0 + $1.slices.reduce(0) { $0 + $1.total } }
        let truth = sources.indices.reduce(Int64(0)) { sum, number in
            let counted = sources[number].counts(oracle.shards[0].counted[number], oracle.judgements[number])
            return sum + counted.reduce(0) { $0 + ($1.totals[kind] ?? 0) }
        }
        let isWhole = oracle.shards.allSatisfy { $0.gaps.allSatisfy { $0.allSatisfy { $0.cause != .expired } } }
        return !isWhole || published == truth ? nil : "the group \(name) has \(published) records of \(truth)"
    }

    private func complaintOfAlerts() -> String? {
        for (number, shard) in oracle.shards.enumerated() {
            for (key, alerts) in shard.alerts {
                statistics.alerts += alerts.count
                let fed = shard.fed[key] ?? 0
                if fed != alerts.count {
                    return "shard \(number): the feed of \(key) ends at \(fed), and there were \(alerts.count)"
                }
            }
        }
        return nil
    }

    /// A replay of the sources, each of them a file, has the same transitions. It does not know of what the broker has lost, which clock
    /// refused a record, and idle marks.
    private func complaintOfReplay() -> String? {
        let shard = Estate.shards.shard(ofObjective: Estate.calls)
        let content = oracle.shards[shard].evaluator.content
        let isComparable =
            sources.allSatisfy { $0.life == 0 } && oracle.shards[shard].gaps.allSatisfy(\.isEmpty)
            && oracle.judgements.joined().allSatisfy { $0.refusedCount == 0 }
            && content.objectives.ledgers.allSatisfy { $0.unjudged == UnjudgedRecords() && $0.judgement != nil }
        guard isComparable else { return nil }
        var kinds = EvaluatedKinds(EvaluationTerms(plan: plans[0]))
        kinds.judgeByArrival { Estate.inputs.longestLateness(of: $0) }
        for source in sources {
            let lateness = Estate.inputs.lateness(of: source.partition.topic)
            kinds.add(counted(source), latenessNanoseconds: lateness)
        }
        let replayed = kinds.evaluateAll()
        let lived = oracle.shards[shard].alerts.values.joined().filter { $0.alert.labels["objective"] == Estate.calls }
        let (left, right) = (replayed.map(Pager.Page.init(_:)), lived.map(Pager.Page.init(_:)))
        statistics.replays += 1
        if left == right, replayed.map(\.alert.details) == lived.map(\.alert.details) { return nil }
        return "a replay has \(left), and live there was \(right)"
    }

    /// What a counter makes of all that a source holds.
    private func counted(_ source: Source) -> [CountedSlices] {
        let outlet = LetterOutlet(self, partition: Int(source.partition.partition), incarnation: 0)
        var counter = PartitionCounter(
            plan: plans[0], lateHorizonNanoseconds: Estate.nanoseconds(Estate.horizonSeconds),
            cursor: .file(name: ""), sink: outlet,
            identities: DeliveredEvents(
                latest: EventIdentityWindow(offsetsMax: Int64(SourceLife.identityWindow), identitiesMax: 100)))
        counter.tellArrivals()
        var decoder = plans[0].makeMessageDecoder(format: .cloudTrail, flowFields: nil, limits: DecodingLimits())
        for (offset, record) in source.current.records.enumerated() {
            guard let record else { continue }
            counter.cursor = .message(topic: source.partition.topic, partition: 0, offset: Int64(offset))
            _ = decoder.decode(record.bytes.span.bytes, to: &counter)
        }
        return counter.takeObjectives()
    }

    /// Each incident is opened once and closed once, up to one repeated request for each crash and each lost answer.
    private func complaintOfPages() -> String? {
        var repeats = 0
        var truth: [DedupKey: [Pager.Page]] = [:]
        for shard in oracle.shards { truth.merge(shard.alerts.mapValues { $0.map { Pager.Page($0.alert) } }) { $1 } }
        for (key, pages) in truth {
            var told: [Pager.Page] = []
            for page in pager.told[key] ?? [] {
                if told.last == page { repeats += 1 } else { told.append(page) }
            }
            if told != pages { return "of \(key) the sink was told \(told), and there was \(pages)" }
        }
        if pager.told.keys.contains(where: { truth[$0] == nil }) { return "the sink was told of what never was" }
        return repeats <= pager.excuses ? nil : "\(repeats) requests were repeated, and \(pager.excuses) may have been"
    }
}

extension Source {
    /// What the counted ranges add by release, each identity once unless the window had let go of it.
    fileprivate func counts(_ ranges: [Oracle.Counted], _ judgements: [Judgement]) -> [Counts] {
        var counts = [Counts(), Counts()]
        for range in ranges {
            let life = Int(range.from.incarnation)
            let (from, to) = (Int(range.from.offset), Int(range.to.offset))
            counts[range.release].add(
                lives[life].counts(from: from, to: to, release: range.release, judgements[life]).counts)
        }
        return counts
    }
}

extension [Counts] {
    /// What is held against the windows that say the release's definitions: calls are counted alike in both.
    fileprivate func of(_ release: Int, shard: Int) -> Counts {
        if shard == 0 {
            var whole = self[0].part(of: 0)
            whole.add(self[1].part(of: 0))
            return release == 0 ? whole : Counts()
        }
        return self[release].part(of: shard)
    }
}
