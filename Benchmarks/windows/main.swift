// Ten thousand objectives with thirty days of history: what their windows take in bytes, published and in memory, and
// how long a process takes to restore them from the records that the compacted topic holds.
//
//   tidewatch-bench-windows [--objectives 10000] [--days 30] [--sources 12] [--threads 1] [--folder DIR]
//
// It makes the records first, through the ledgers that the product uses, then restores them in a process of its own, so
// that time and memory are those of restoring alone. The first report of each objective must equal the one that was made
// before. Status 1 when it does not, or when restoring takes 10 s or 1 GB.

import Foundation
import Objectives
import TelemetryModel

struct Options {
    var scale = Scale()
    /// Partitions restored at the same time; an evaluator restores one after the other.
    var threads = 1
    var folder = ".build/bench/windows"
    /// Makes no records: those of the folder are restored in this process.
    var restores = false

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--restore" {
                restores = true
                continue
            }
            guard let text = rest.popFirst() else { return nil }
            let number = Int(text).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
            switch (name, number) {
            case ("--objectives", let number?): scale.objectives = number
            case ("--days", let number?): scale.days = Int64(number)
            case ("--sources", let number?): scale.sources = Int32(number)
            case ("--threads", let number?): threads = number
            case ("--folder", _): folder = text
            default: return nil
            }
        }
    }
}

func seconds(_ kind: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(kind, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A field of /proc/self/status, in bytes.
func memory(_ field: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") } ?? ""
    return 1024 * (line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0)
}

func text(_ value: Double) -> String { String(format: "%.2f", value) }

/// Does `body` for each shard, in so many threads at once.
func shards(_ scale: Scale, threads: Int, _ body: @escaping @Sendable (inout Shard) throws -> Void) async throws
    -> [Shard]
{
    try await withThrowingTaskGroup(of: [Shard].self) { group in
        for thread in 0..<threads {
            group.addTask {
                try stride(from: thread, to: Shard.count, by: threads).map { number in
                    var shard = Shard(number, scale)
                    try body(&shard)
                    return shard
                }
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.number < $1.number }
    }
}

func make(_ options: Options) async throws {
    let folder = options.folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let cores = min(Shard.count, ProcessInfo.processInfo.activeProcessorCount)
    let hashes = try await withThrowingTaskGroup(of: [(Int, UInt64)].self) { group in
        for thread in 0..<cores {
            group.addTask {
                try stride(from: thread, to: Shard.count, by: cores).map { number in
                    var shard = Shard(number, options.scale)
                    try shard.make(in: folder)
                    return (number, shard.reportHash)
                }
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
    }
    try "\(hashes)".write(toFile: "\(folder)/reports", atomically: true, encoding: .utf8)
}

func restore(_ options: Options) async throws -> Bool {
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    let restored = try await shards(options.scale, threads: min(options.threads, Shard.count)) {
        try $0.restore(from: options.folder)
    }
    let (wallSeconds, cpuSeconds) = (seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    let peak = memory("VmHWM")
    let (records, bytes) = restored.reduce((0, 0)) { ($0.0 + $1.records, $0.1 + $1.bytes) }
    let (objectives, held) = (options.scale.objectives, restored.reduce(0) { $0 + $1.heldBytes })
    print("objectives \(objectives), days \(options.scale.days), sources \(options.scale.sources)")
    print("published: \(records) records, \(bytes / 1_000_000) MB, \(bytes / objectives) bytes an objective")
    print(
        "in memory: \(held / 1_000_000) MB, \(held / objectives) bytes an objective; peak \(peak / 1_000_000) MB resident"
    )
    print(
        "restored in \(text(wallSeconds)) s by \(options.threads) thread\(options.threads == 1 ? "" : "s"), "
            + "\(text(cpuSeconds)) s CPU, \(Int(Double(bytes) / cpuSeconds / 1e6)) MB a CPU second")
    let expected = try String(contentsOfFile: "\(options.folder)/reports", encoding: .utf8)
    let isEqual = "\(restored.map(\.reportHash))" == expected
    print("reports: \(isEqual ? "equal to those before" : "DIFFERENT from those before")")
    return isEqual && wallSeconds < 10 && peak < 1_000_000_000
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(
        "usage: tidewatch-bench-windows [--objectives N] [--days N] [--sources N] [--threads N] [--folder DIR] [--restore]"
    )
    exit(64)
}
do {
    if options.restores { exit(try await restore(options) ? 0 : 1) }
    try await make(options)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = CommandLine.arguments.dropFirst() + ["--restore"]
    try process.run()
    process.waitUntilExit()
    exit(process.terminationStatus)
} catch {
    print("\(error)")
    exit(1)
}
