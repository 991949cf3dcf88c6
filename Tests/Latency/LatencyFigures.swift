import Foundation

/// What times come to.
struct LatencyFigures: CustomStringConvertible {
    let times: [Duration]

    init(_ times: [Duration]) { self.times = times.sorted() }

    /// The least time that no less than this share of all are within.
    func quantile(_ share: Double) -> Duration {
        if times.isEmpty { return .zero }
        return times[min(times.count - 1, max(0, Int((share * Double(times.count)).rounded(.up)) - 1))]
    }

    var description: String {
        func text(_ time: Duration) -> String { "\(Int((time / .milliseconds(1)).rounded())) ms" }
        return "\(times.count) pages, p50 \(text(quantile(0.5))), p99 \(text(quantile(0.99))), max \(text(quantile(1)))"
    }
}
