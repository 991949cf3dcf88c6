import Foundation
import Synchronization

/// The append times in the answers of one connection to the embedded broker.
///
/// That one knows of none: to each batch of records it answers 1,234. A broker whose topics have their records' append times says
/// when it has appended them.
final class AppendTimes: Sendable {
    /// The kind of request that brings records and the version whose answers are known; see "Produce API" in Kafka's protocol guide.
    private static let produce: [UInt8] = [0, 0, 0, 7]
    private static let untold: Int64 = 1_234

    /// Of the requests whose answer has append times.
    private let asked = Mutex<Set<Int32>>([])

    /// - Parameter request: as all frames here with its length before it.
    func note(_ request: [UInt8]) {
        guard request.count >= 12, Array(request[4..<8]) == AppendTimes.produce else { return }
        _ = asked.withLock { $0.insert(Answer(request).int32(at: 8)) }
    }

    /// The answer with the present time for the time of each append.
    func dated(_ frame: [UInt8]) -> [UInt8] {
        guard frame.count >= 12 else { return frame }
        var answer = Answer(frame)
        guard asked.withLock({ $0.remove(answer.int32(at: 4)) }) != nil else { return frame }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        var place = 8
        for _ in 0..<answer.take(&place) {
            place += 2 + Int(answer.int16(at: place))
            for _ in 0..<answer.take(&place) {
                // Partition, error, base offset; then the time, and the log's start.
                place += 4 + 2 + 8
                if answer.int64(at: place) == AppendTimes.untold { answer.set(now, at: place) }
                place += 8 + 8
            }
        }
        return answer.bytes
    }

    /// Numbers of an answer, the most significant byte first; 0 behind its end.
    private struct Answer {
        private(set) var bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        private func number(_ count: Int, at place: Int) -> UInt64 {
            guard place >= 0, place + count <= bytes.count else { return 0 }
            return bytes[place..<place + count].reduce(0) { $0 << 8 | UInt64($1) }
        }

        func int16(at place: Int) -> Int16 { Int16(truncatingIfNeeded: number(2, at: place)) }
        func int32(at place: Int) -> Int32 { Int32(truncatingIfNeeded: number(4, at: place)) }
        func int64(at place: Int) -> Int64 { Int64(truncatingIfNeeded: number(8, at: place)) }

        /// How many elements follow.
        func take(_ place: inout Int) -> Int {
            defer { place += 4 }
            return max(0, Int(int32(at: place)))
        }

        mutating func set(_ value: Int64, at place: Int) {
            bytes.replaceSubrange(place..<place + 8, with: withUnsafeBytes(of: value.bigEndian, Array.init))
        }
    }
}
