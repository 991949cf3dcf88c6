// Ten thousand objectives with thirty days of history: what their windows take in bytes, published and in memory, and
// how long a process takes to restore them from the records that the compacted topic holds.
//
//   tidewatch-bench-windows [--objectives 10000] [--days 30] [--sources 12] [--group-hours HOURS] [--folder DIR] [--restore]
//
// With --group-hours they are groups of one SLO, each with a minute of records in so many hours.
//
// It makes the records first, through the ledgers that the product uses, then restores them in a process of its own, so
// that time and memory are those of restoring alone: by what an evaluator uses at its start, but that files stand in for
// the topic's partitions. With --restore it takes the records that a run before has left in the folder. The first report
// of each objective must equal the one that was made before. Status 1 when it does not, or when restoring takes 10 s or
// 1 GB.
//
// Where other programs use the processor as well, look at the CPU seconds: divided by the cores they are the time to
// expect.

import Foundation
import Objectives
import TelemetryModel

struct Options {
    var scale = Scale()
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
            case ("--group-hours", let number?): scale.groupHours = Int64(number)
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

func restore(_ options: Options) throws -> Bool {
    var shards = (0..<Shard.count).map { Shard($0, options.scale) }
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    let read = try restore(&shards, from: options.folder)
    let (wallSeconds, cpuSeconds) = (seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    let peak = memory("VmHWM")
    let (objectives, held) = (options.scale.objectives, shards.reduce(0) { $0 + $1.heldBytes })
    print("objectives \(objectives), days \(options.scale.days), sources \(options.scale.sources)")
    print(
        "published: \(read.records) records, \(read.bytes / 1_000_000) MB, \(read.bytes / objectives) bytes an objective"
    )
    print(
        "in memory: \(held / 1_000_000) MB, \(held / objectives) bytes an objective; peak \(peak / 1_000_000) MB resident"
    )
    print(
        "restored in \(text(wallSeconds)) s on \(ProcessInfo.processInfo.activeProcessorCount) cores, "
            + "\(text(cpuSeconds)) s CPU, \(Int(Double(read.bytes) / cpuSeconds / 1e6)) MB a CPU second")
    let expected = try String(contentsOfFile: "\(options.folder)/reports", encoding: .utf8)
    let isEqual = "\(shards.map(\.reportHash))" == expected
    print("reports: \(isEqual ? "equal to those before" : "DIFFERENT from those before")")
    return isEqual && wallSeconds < 10 && peak < 1_000_000_000
}

/// Reads all partitions, some records of each in turn, as a consumer gets them.
///
/// - Returns: how many records there were, and their bytes with those of their keys.
func restore(_ shards: inout [Shard], from folder: String) throws -> (records: Int, bytes: Int) {
    let restoration = WindowRestoration(
        Dictionary(uniqueKeysWithValues: shards.map { (Int32($0.number), $0.emptyLedgers) }))
    var files = try shards.map { (partition: Int32($0.number), file: try RecordFile($0.path(folder), "r")) }
    var (records, bytes) = (0, 0)
    while !files.isEmpty {
        try files.removeAll { partition, file in
            for _ in 0..<500 {
                guard let (keyBytes, value) = try file.next() else { return true }
                restoration.add(
                    value.span.bytes, judgedThrough: EventTimes(all: shards[Int(partition)].end), partition: partition,
                    offset: 0)
                records += 1
                bytes += keyBytes + value.count
            }
            return false
        }
    }
    for (place, restored) in restoration.finish().enumerated() {
        if let failure = restored.failure {
            throw RecordFileError(path: shards[place].path(folder), reason: "\(failure.error)")
        }
        shards[place].take(restored)
    }
    return (records, bytes)
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    print(
        "usage: tidewatch-bench-windows [--objectives N] [--days N] [--sources N] [--group-hours N] [--folder DIR] [--restore]"
    )
    exit(64)
}
do {
    if options.restores { exit(try restore(options) ? 0 : 1) }
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
