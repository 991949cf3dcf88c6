import Foundation
import TelemetryModel

/// What a run is made of. Equal options give the same records and the same dice for the kills; what a kill meets is the
/// machine's.
struct ChaosOptions {
    var kills = 15
    var seed: UInt64
    /// `outputs.recordVersion` of all members: by the seed, so that runs take turns.
    var recordVersion: Int
    /// The time of the first event. Near the present, because a partition that is idle goes on with the broker's clock.
    var start: Timestamp
    /// Members run on hosts whose clocks are wrong.
    let hasWrongClocks: Bool
    /// Nil starts an embedded broker.
    var bootstrap: String?
    var binary: URL
    /// 0.1.0, to begin a roll with; nil to begin with this one.
    var former: URL?
    /// A binary of one record version more, to end a roll with.
    var next: URL?

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(environment: [String: String], hasWrongClocks: Bool = false) throws {
        self.hasWrongClocks = hasWrongClocks
        func number<Value: FixedWidthInteger>(_ name: String) throws -> Value? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            guard let value = Value(text), value >= 0 else {
                throw Problem(description: "\(name)=\(text): expected a number")
            }
            return value
        }
        func program(_ name: String) throws -> URL? {
            guard let path = environment[name], !path.isEmpty else { return nil }
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Problem(description: "\(name)=\(path): there is no such program")
            }
            return URL(fileURLWithPath: path)
        }
        kills = try number("CHAOS_KILLS") ?? 15
        seed = try number("CHAOS_SEED") ?? UInt64.random(in: 0..<1_000_000)
        recordVersion = try number("CHAOS_RECORD_VERSION") ?? 1 + Int(seed % 2)
        bootstrap = environment["TIDEWATCH_BOOTSTRAP"]
        binary =
            if let path = environment["TIDEWATCH_BINARY"] {
                URL(fileURLWithPath: path)
            } else {
                URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                    .appendingPathComponent("tidewatch")
            }
        guard FileManager.default.isExecutableFile(atPath: binary.path) else {
            throw Problem(description: "\(binary.path) is missing: build it, or set TIDEWATCH_BINARY")
        }
        former = try program("TIDEWATCH_FORMER_BINARY")
        next = try program("TIDEWATCH_NEXT_BINARY")
        let now = Int64(Date().timeIntervalSince1970)
        start = Timestamp(seconds: now - now % 60) ?? Timestamp(nanoseconds: 0)
        // All of it is past when it is produced, and within the late horizon. So near the present that it matters whose clock is
        // believed: by one that is an hour behind the end lies in the future.
        let distance = hasWrongClocks ? minutes + 2 : minutes + 30
        start = start.advanced(by: -Int64(distance) * 60 * Timestamp.nanosecondsPerSecond)
        if let seconds: Int64 = try number("CHAOS_START"), let given = Timestamp(seconds: seconds) { start = given }
    }

    /// Whether everything that a run can bring about has the time to come about.
    var isLong: Bool { kills > 50 }

    /// Minutes of event time. 200 kills make 332 minutes of 60 calls, 1.3 kB each: 4.3 MB in each of 6 partitions, where the
    /// embedded broker keeps 5 MiB.
    var minutes: Int { 60 + kills + (isLong ? 8 : 25) * (kills / killsForEachPause) }

    /// Each flush adds some 300 bytes for each source partition to each shard's log, of which the embedded broker keeps
    /// 5 MiB: at 18 partitions that is a quarter of an hour of flushes each second. A roll over many releases takes longer.
    var flushInterval: String { kills > 100 ? "3s" : isLong || former != nil || next != nil ? "2s" : "500ms" }

    /// What members run where nothing else is said.
    var release: Release { Release(name: "this", binary: binary, recordVersion: recordVersion) }

    /// A member is stopped for longer than its session after so many kills, and is let go on when others have its work.
    var killsForEachPause: Int { isLong ? 20 : 5 }

    /// How to repeat this run.
    var repetition: String {
        "CHAOS_KILLS=\(kills) CHAOS_SEED=\(seed) CHAOS_START=\(start.seconds) CHAOS_RECORD_VERSION=\(recordVersion)"
    }
}
