import Sinks

/// Members that come, go, stop and die.
extension OutageWorld {
    /// Whether the member ended or stopped at this step.
    func strikes(_ index: Int) -> Bool {
        let isBusy = !members[index].posts.isEmpty || !members[index].writes.isEmpty
        switch random.below(isBusy ? 400 : 4_000) {
        case 0..<2: crash(index)
        case 2: pause(index)
        default: return false
        }
        return true
    }

    private func crash(_ index: Int) {
        crashes += 1
        let member = members[index]
        // What was on its way may still arrive; its answer does not.
        for post in member.posts where post.answer == nil && random.chance(0.5) { _ = answer(to: post.request) }
        for entry in member.writes where !entry.isInTopic {
            late.append((now + 20 * random.unit(), entry.partition, entry.records))
        }
        orphan(member.reading.keys)
        retired.append(member.watch)
        members[index] = OutageMember(makeEngine())
        members[index].life = .dead(until: now + 5 + 20 * random.unit())
    }

    private func pause(_ index: Int) {
        pauses += 1
        let member = members[index]
        // All that it has sent is in the network's hands.
        arrive(of: member, all: true)
        member.life = .paused(until: now + 8 + 60 * random.unit())
        orphan(member.reading.keys)
    }

    private func orphan(_ partitions: some Sequence<Int32>) {
        for partition in partitions.sorted() where owners[partition] != nil || leaving[partition] != nil {
            leaving[partition] = nil
            orphans[partition] = now + Self.sessionSeconds + 3 * random.unit()
        }
    }

    func wakeMembers() {
        for (index, member) in members.enumerated() {
            switch member.life {
            case .running: break
            case .dead(let until): if until <= now { member.life = .running }
            case .paused(let until): if until <= now { resume(index) }
            }
        }
    }

    /// What was answered meanwhile comes first; then the group says what is no longer its own, and takes its commits.
    private func resume(_ index: Int) {
        let member = members[index]
        member.life = .running
        while !member.posts.isEmpty || !member.writes.isEmpty {
            arrive(of: member, all: true)
            if let post = member.posts.first, let answer = post.answer {
                member.posts.removeFirst()
                step(.answered(post.token, answer), index)
            } else if let first = member.writes.first {
                member.writes.removeFirst()
                step(.written(first.token), index)
            }
        }
        for partition in member.reading.keys.sorted() {
            step(.gone(partition: partition), index)
            member.commits.gone(partition)
            (member.reading[partition], member.generations[partition]) = (nil, nil)
        }
        member.watch.changed()
    }

    /// Gives away what nobody has, and lets members that have nothing have something.
    func moveShares() {
        for (partition, due) in orphans.sorted(by: { $0.key < $1.key }) where due <= now {
            guard let index = members.firstIndex(where: { $0.life == .running }) else { continue }
            orphans[partition] = nil
            give(partition, to: index)
        }
        for (partition, move) in leaving.sorted(by: { $0.key < $1.key }) {
            guard let from = owners[partition] else { continue }
            guard members[from].engine.isQuiet(partition) || move.until <= now else { continue }
            leaving[partition] = nil
            step(.gone(partition: partition), from)
            members[from].commits.gone(partition)
            (members[from].reading[partition], members[from].generations[partition]) = (nil, nil)
            members[from].watch.changed()
            if members[move.to].life == .running {
                give(partition, to: move.to)
            } else {
                orphans[partition] = now
            }
        }
        if !leaving.isEmpty || !orphans.isEmpty { return }
        for (index, member) in members.enumerated() where member.life == .running && member.reading.isEmpty {
            guard let rich = members.firstIndex(where: { $0.life == .running && $0.reading.count > 1 }),
                let partition = members[rich].reading.keys.sorted().first
            else { continue }
            leaving[partition] = (index, now + Self.leaveSeconds)
            step(.leaving(partition: partition), rich)
            members[rich].watch.changed()
        }
    }

    func ownerGeneration(of partition: Int32) -> Int32? {
        owners[partition].flatMap { members[$0].generations[partition] }
    }

    func give(_ partition: Int32, to index: Int) {
        generation += 1
        owners[partition] = index
        let member = members[index]
        member.generations[partition] = generation
        step(.assigned(partition: partition), index)
        for (key, value) in planted == .withoutLog ? [] : log[partition] ?? [] {
            do {
                if let record = try NotificationRecord(
                    ofSink: sink.name, key: Array(key.utf8), value: value ?? [])
                {
                    step(.logged(record), index)
                }
            } catch { problems.append("a record of the log can't be read: \(error)") }
        }
        let next = committed[partition] ?? 0
        member.reading[partition] = next
        member.commits.began(FeedOffset(partition: partition, next: next, start: .resumed))
        step(.began(partition: partition, .resumed, next: next, writer: generation), index)
        member.watch.changed()
    }
}
