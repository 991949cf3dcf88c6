/// How many records of which topic carried no right code, and why.
public struct UnauthenticRecords: Sendable, Equatable {
    private var counts: [String: [MACFault: Int]] = [:]

    public init() {}

    public var isEmpty: Bool { counts.isEmpty }

    package mutating func add(_ topic: String, _ fault: MACFault) {
        counts[topic, default: [:]][fault, default: 0] += 1
    }

    /// A sentence for each topic: how many are passed over, and why.
    public var lines: [(topic: String, text: String)] {
        counts.sorted { $0.key < $1.key }.map { topic, faults in
            let all = faults.values.reduce(0, +)
            let reasons = MACFault.allCases.compactMap { fault in faults[fault].map { "\($0) \(fault.words)" } }
            return (
                topic,
                "\(all) \(all == 1 ? "record is" : "records are") passed over, without a right authentication code ("
                    + reasons.joined(separator: ", ")
                    + "): somebody else writes there, or members have another key than here, or none"
            )
        }
    }
}

extension MACFault {
    fileprivate var words: String {
        switch self {
        case .missing: "without one"
        case .wrong: "with a wrong one"
        case .unknownKey: "by a key that is not known here"
        }
    }
}
