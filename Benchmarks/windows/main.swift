// Ten thousand objectives with thirty days of history: what their window state takes in bytes, and how long it takes to
// read it back from the records that a compacted topic holds.
//
//   tidewatch-bench-windows write DIR [objectives] [days]   counts every minute of each, and writes the records
//   tidewatch-bench-windows read DIR                        reads them into ledgers, as an evaluator does at its start
//
// Two runs, so that the second one's memory is what reading needs. Records are lines of eight files, in the order of
// event time across objectives, which is how they lie in a topic and the worst for what a reader remembers.

import Foundation
import Objectives
import TelemetryModel

let minute: Int64 = 60_000_000_000
let day: Int64 = 1440 * minute
/// 2026-11-20T00:00:00Z.
let origin: Int64 = 1_795_132_800_000_000_000

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

func rounded(_ value: Double) -> String { String(format: "%.2f", value) }

func objectiveTerms(_ index: Int) -> ObjectiveTerms {
    ObjectiveTerms(
        name: "service-\(index / 4)-availability/\(index % 4 + 1)", displayName: "Availability of service \(index / 4)",
        service: "service-\(index / 4)", window: .rolling(nanoseconds: 30 * day),
        method: index % 5 == 4 ? .timeslices(target: Ratio(95, 100), windowNanoseconds: minute) : .occurrences,
        target: Ratio(999, 1000))
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Every minute in use: a daily curve around a level of the objective's own, 200 to 20,000 records a minute, one in a
/// thousand bad, and an hour in each day with one in twenty.
func history(_ index: Int, days: Int64) -> [WindowRecord] {
    var generator = Generator(state: UInt64(index))
    var ledger = ObjectiveLedger(terms: objectiveTerms(index))
    ledger.epoch = 7
    let level = 200 * pow(100, Double(index % 97) / 97)
    let badHour = Int64.random(in: 0..<24, using: &generator)
    let minutes = days * 1440
    for block in 0..<days * 24 {
        var deltas: [SliceDelta] = []
        for slice in block * 60..<(block + 1) * 60 {
            let curve = 1 + 0.5 * sin(Double(slice % 1440) / 1440 * 2 * .pi)
            let total = Int64(level * curve * Double.random(in: 0.9...1.1, using: &generator))
            let share = block % 24 == badHour ? 0.05 : 0.001
            let bad = Int64(Double(total) * share * Double.random(in: 0...2, using: &generator))
            deltas.append(
                SliceDelta(start: Timestamp(nanoseconds: origin + slice * minute), good: total - bad, total: total))
        }
        ledger.apply(deltas, stamp: 1_000_000 + block * 977)
        for partition in 0..<3 as Range<Int32> {
            let first = 40_000_000 + block * 61_234 + Int64(partition)
            ledger.note(
                SourceSpan(
                    source: .kafka(topic: "cloudtrail", partition: partition), first: first, last: first + 61_000),
                at: deltas[0].start)
        }
    }
    ledger.advance(to: Timestamp(nanoseconds: origin + minutes * minute))
    return ledger.takeChangedRecords()
}

func write(_ folder: String, objectives: Int, days: Int64) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let shards = 8
    for shard in 0..<shards {
        var lines: [(start: Timestamp, json: [UInt8])] = []
        for index in stride(from: shard, to: objectives, by: shards) {
            lines += history(index, days: days).map { ($0.start, $0.json) }
        }
        lines.sort { $0.start < $1.start }
        var bytes = Data()
        bytes.reserveCapacity(lines.reduce(0) { $0 + $1.json.count + 1 })
        for line in lines {
            bytes.append(contentsOf: line.json)
            bytes.append(0x0A)
        }
        try bytes.write(to: URL(fileURLWithPath: "\(folder)/windows-\(shard).ndjson"))
    }
}

func read(_ folder: String) throws {
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    var ledgers: [ObjectiveLedger] = []
    var places: [String: Int] = [:]
    var reader = WindowRecordReader()
    var (records, bytes) = (0, 0)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
        guard let file = fopen("\(folder)/\(name)", "r") else { continue }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while case let count = getline(&line, &capacity, file), count > 0 {
            let json = line!.withMemoryRebound(to: UInt8.self, capacity: count) {
                [UInt8](UnsafeBufferPointer(start: $0, count: count - 1))
            }
            let record = try reader.read(json)
            let place: Int
            if let known = places[record.terms.name] {
                place = known
            } else {
                place = ledgers.count
                places[record.terms.name] = place
                ledgers.append(
                    ObjectiveLedger(terms: record.terms, alerts: BurnRateAlert.defaults(window: 30 * day)))
                ledgers[place].epoch = 8
            }
            guard ledgers[place].adopt(record) else { fatalError("a record of its own ledger was refused") }
            records += 1
            bytes += count
        }
    }
    let (wallRead, cpuRead) = (seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    let held = ledgers.reduce(0) { $0 + $1.bytes }
    print("records \(records), \(bytes / 1_000_000) MB, objectives \(ledgers.count)")
    print("read: \(rounded(wallRead)) s wall, \(rounded(cpuRead)) s CPU, \(Int(Double(records) / cpuRead)) records/s")
    print("state: \(held / 1_000_000) MB, \(held / max(1, ledgers.count)) bytes an objective")
    print("resident: \(memory("VmRSS") / 1_000_000) MB, at most \(memory("VmHWM") / 1_000_000) MB")

    // What a flush costs when nothing happened, and when a minute goes by for all.
    let end = ledgers.compactMap(\.dataEnd).max() ?? Timestamp(nanoseconds: origin)
    for place in ledgers.indices { _ = ledgers[place].evaluate(through: end.advanced(by: -minute)) }
    func measure(_ name: String, _ body: () -> Void) {
        let before = seconds(CLOCK_PROCESS_CPUTIME_ID)
        body()
        print("\(name): \(rounded(1000 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - before))) ms")
    }
    func flush(_ end: Timestamp) {
        for place in ledgers.indices {
            _ = ledgers[place].evaluate(through: end)
            ledgers[place].advance(to: end)
            _ = ledgers[place].takeChangedRecords()
            _ = ledgers[place].takeSupersededKeys()
        }
    }
    flush(end.advanced(by: -minute))
    measure("a flush of all objectives without a change") { flush(end.advanced(by: -minute)) }
    measure("a flush in which a minute closes for all") { flush(end) }
    measure("a delta to each") {
        for place in ledgers.indices {
            ledgers[place].apply([SliceDelta(start: end, good: 9, total: 9)], stamp: .max)
        }
    }
    measure("a flush in which all have changed") { flush(end) }
    measure("a report of all") { print("report: \(SLOReport(at: end, ledgers: ledgers).json.count / 1000) kB") }
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "write" where arguments.count > 2:
    try write(
        arguments[2], objectives: arguments.count > 3 ? Int(arguments[3])! : 10_000,
        days: arguments.count > 4 ? Int64(arguments[4])! : 30)
case "read" where arguments.count > 2: try read(arguments[2])
default: print("usage: tidewatch-bench-windows write DIR [objectives] [days] | read DIR")
}
