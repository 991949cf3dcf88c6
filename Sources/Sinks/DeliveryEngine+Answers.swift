import Alerting
import TelemetryModel

/// What answers do, and how it is said that there are none.
extension DeliveryEngine {
    private static let troubleInterval: Int64 = 60_000_000_000

    mutating func take(_ answer: SinkAnswer, _ token: DeliveryToken) {
        // A token that is unknown is of a partition that has gone: its new owner sends the transition again.
        guard let place = tokens[token], let queue = partitions[place.partition]?.queues[place.key],
            queue.state == .posting, let item = queue.items.first
        else { return }
        tokens[token] = nil
        switch sink.verdict(on: answer) {
        case .delivered:
            effects.append(.count(.accepted))
            log(place, isSent: true)
            recovered(place)
            bringForward()
        case .refused(let refusal):
            effects.append(.count(.refused))
            partitions[place.partition]?.queues[place.key]?.state = .setApart
            effects.append(.deadLetter(makeToken(for: place), item.record, refusal))
            recovered(place)
        case .retry(let refusal, let wish):
            effects.append(.count(.retried))
            delay(place, wish)
            failed(place, refusal)
        }
    }

    private mutating func delay(_ place: Place, _ wish: RetryWish) {
        guard var queue = partitions[place.partition]?.queues[place.key] else { return }
        inFlight -= 1
        queue.failures += 1
        queue.state = .delayed
        if wish.seconds != nil { queue.isToWait = true }
        partitions[place.partition]?.queues[place.key] = queue
        let wait = BackOff.nanoseconds(
            failures: queue.failures, random: Double.random(in: 0..<1, using: &generator), asked: wish.seconds)
        delayed[place] = now.monotonic + wait
        if wish.isForAll {
            heldUntil = max(heldUntil, now.monotonic + BackOff.askedNanoseconds(wish.seconds))
        }
    }

    /// Makes ready what has waited long enough.
    mutating func wake() {
        let due = delayed.filter { $0.value <= now.monotonic }.sorted {
            ($0.value, $0.key.partition, $0.key.key.text) < ($1.value, $1.key.partition, $1.key.key.text)
        }
        for (place, _) in due { makeReady(place) }
    }

    private mutating func makeReady(_ place: Place) {
        delayed[place] = nil
        guard partitions[place.partition]?.queues[place.key]?.state == .delayed else { return }
        partitions[place.partition]?.queues[place.key]?.state = .ready
        ready.append(place)
    }

    /// The sink takes something: what failed while it took nothing need not wait any longer, unless the sink asked for it.
    /// Once each, because a transition that it can't take would else be sent again with every other.
    private mutating func bringForward() {
        let places = delayed.keys.filter { partitions[$0.partition]?.queues[$0.key]?.isToWait == false }
        for place in places.sorted(by: { (delayed[$0]!, $0.key.text) < (delayed[$1]!, $1.key.text) }) {
            partitions[place.partition]?.queues[place.key]?.isToWait = true
            makeReady(place)
        }
    }

    // MARK: Trouble

    private mutating func failed(_ place: Place, _ refusal: SinkRefusal) {
        failing.insert(place)
        if trouble == nil {
            trouble = Trouble(cause: refusal, since: now, saidAt: now.monotonic)
            sayTrouble()
        }
        trouble?.cause = refusal
    }

    private mutating func recovered(_ place: Place) {
        failing.remove(place)
        guard let begun = trouble else { return }
        trouble?.isPartial = true
        guard failing.isEmpty else { return }
        trouble = nil
        effects.append(.recovered(nanoseconds: now.monotonic - begun.since.monotonic))
    }

    mutating func tellTrouble() {
        guard let begun = trouble, now.monotonic - begun.saidAt >= DeliveryEngine.troubleInterval else { return }
        trouble?.saidAt = now.monotonic
        sayTrouble()
    }

    private mutating func sayTrouble() {
        guard let trouble else { return }
        effects.append(
            .trouble(
                DeliveryTrouble(
                    cause: trouble.cause, since: trouble.since.wall,
                    nanoseconds: now.monotonic - trouble.since.monotonic, failing: failing.count, waiting: waiting,
                    isPartial: trouble.isPartial)))
    }
}
