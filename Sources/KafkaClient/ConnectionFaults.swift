/// The last fault of each broker that a client met: the causes behind "no broker answers".
///
/// librdkafka says each fault once and repeats it every 30 s at most while it goes on, so what is older than
/// ``secondsKept`` is over.
struct ConnectionFaults {
    static let secondsKept = 65
    /// A client knows a few bootstrap servers and the cluster's brokers; a message names three.
    static let brokersMax = 64
    static let namedMax = 3

    private var last: [(fault: ConnectionFault, at: ContinuousClock.Instant)] = []

    mutating func note(_ fault: ConnectionFault, at now: ContinuousClock.Instant) {
        if let known = last.firstIndex(where: { $0.fault.broker == fault.broker }) {
            // Connections that a broker refuses end, too; that they end says less.
            if fault.kind == .closed, last[known].fault.kind != .closed, isRecent(last[known].at, now) { return }
            last.remove(at: known)
        }
        last.append((fault, now))
        if last.count > ConnectionFaults.brokersMax { last.removeFirst() }
    }

    /// In the order in which brokers came to be in trouble.
    func recent(at now: ContinuousClock.Instant) -> [ConnectionFault] {
        last.filter { isRecent($0.at, now) }.map(\.fault)
    }

    private func isRecent(_ at: ContinuousClock.Instant, _ now: ContinuousClock.Instant) -> Bool {
        at.duration(to: now) < .seconds(ConnectionFaults.secondsKept)
    }

    /// Which brokers, and why: those with the same cause together.
    static func text(of faults: [ConnectionFault]) -> String {
        var causes: [(text: String, brokers: [String])] = []
        for fault in faults {
            if let known = causes.firstIndex(where: { $0.text == fault.text }) {
                causes[known].brokers.append(fault.broker)
            } else {
                causes.append((fault.text, [fault.broker]))
            }
        }
        let named = causes.prefix(namedMax).map { "\($0.brokers.joined(separator: ", ")): \($0.text)" }
        let more = causes.count > namedMax ? "; and \(causes.count - namedMax) more" : ""
        return named.joined(separator: "; ") + more
    }
}
