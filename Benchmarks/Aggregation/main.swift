// What one event costs in the aggregation core, in nanoseconds of CPU time: filling batches, updating, writing CSV.
// The jobs have the shapes of the side-by-side comparison: J1 (CloudTrail), J2 and J2p (flow logs), J3 (metrics).
//
//     swift run -c release AggregationBenchmark [j1|j2|j2p|j3|million] [EVENTS]

import Aggregation
import Glibc
import TelemetryModel

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func hex(_ digits: Int) -> String {
        let text = String(next(), radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
}

func cpuNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// What the process holds now, in megabytes (Linux).
func residentMegabytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096 / 1_048_576
}

/// Texts in one payload, and events whose fields name them.
struct Workload {
    var payload: [UInt8] = []
    var width = 0
    var times: [Int64] = []
    var fields: [FieldValue] = []

    mutating func text(_ text: String) -> FieldValue {
        let value = FieldValue.text(offset: payload.count, length: text.utf8.count)
        payload += text.utf8
        return value
    }
    mutating func add(_ seconds: Int, _ values: [FieldValue]) {
        width = values.count
        times.append(Int64(seconds) * 1_000_000_000)
        fields += values
    }
}

let start = 1_795_168_800

func cloudTrail(_ count: Int) -> Workload {
    var random = SplitMix(state: 1)
    var work = Workload()
    let sources = ["s3", "sts", "kms", "ec2", "dynamodb", "iam", "lambda", "monitoring", "logs", "ssm"]
        .map { work.text("\($0).amazonaws.com") }
    let error = work.text("AccessDenied")
    let principals = (0..<4000).map { _ in work.text("AROA\(random.hex(16)):i-\(random.hex(16))") }
    for event in 0..<count {
        work.add(
            start + event * 3600 / count - random.below(60),
            [
                sources[Int(random.unit() * random.unit() * 10)], random.unit() < 0.035 ? error : .absent,
                principals[Int(random.unit() * random.unit() * 4000)],
            ])
    }
    return work
}

func flowLogs(_ count: Int) -> Workload {
    var random = SplitMix(state: 2)
    var work = Workload()
    let interfaces = (0..<2000).map { _ in work.text("eni-0\(random.hex(16))") }
    let inside = (0..<30000).map { _ in
        work.text("10.\(random.below(4)).\(random.below(256)).\(random.below(256))")
    }
    let outside = (0..<30000).map { _ in
        work.text("\(1 + random.below(223)).\(random.below(256)).\(random.below(256)).\(random.below(255))")
    }
    let (ok, noData) = (work.text("OK"), work.text("NODATA"))
    let (accept, reject) = (work.text("ACCEPT"), work.text("REJECT"))
    let ports = [443, 80, 53, 22, 3306, 5432, 6379, 9092, 8080, 8443]
    for event in 0..<count {
        let base = (event / 40000 * 40000 + random.below(40000)) * 3540 / count
        let interface = interfaces[Int(random.unit() * random.unit() * 2000)]
        let choice = random.unit()
        let time = start + min(base, 3540) + random.below(60)
        if choice < 0.004 {
            work.add(time, [noData, interface, .absent, .absent, .absent, .absent, .absent])
            continue
        }
        let cube = random.unit() * random.unit() * random.unit()
        let isScan = choice < 0.03
        let address = isScan ? outside[random.below(40)] : (choice < 0.6 ? inside : outside)[Int(cube * 30000)]
        let port =
            isScan
            ? 1 + random.below(65535) : random.unit() < 0.7 ? ports[random.below(10)] : 1024 + random.below(64000)
        let packets = 1 + random.below(5000)
        work.add(
            time,
            [
                ok, interface, random.unit() < 0.95 ? accept : reject, .integer(Int64(packets)),
                .integer(Int64(packets * (40 + random.below(1400)))), address, .integer(Int64(port)),
            ])
    }
    return work
}

func metrics(_ count: Int) -> Workload {
    var random = SplitMix(state: 3)
    var work = Workload()
    var series: [([FieldValue], Double)] = []
    for _ in 0..<20000 {
        series.append(
            (
                [
                    work.text("\(["123456789012", "210987654321", "345678901234"][random.below(3)])"),
                    work.text("us-east-\(random.below(4))"), work.text("AWS/ApplicationELB"),
                    work.text("HTTPCode_Target_5XX_Count"),
                    work.text(
                        "{\"LoadBalancer\":\"app/lb/\(random.hex(16))\",\"TargetGroup\":\"targetgroup/\(random.hex(16))\","
                            + "\"AvailabilityZone\":\"us-east-1a\"}"),
                ], 1 + random.unit() * 10000
            ))
    }
    func millionths(_ value: Double) -> FieldValue { .double((value * 1e6).rounded() / 1e6) }
    for event in 0..<count {
        let minute = event * 60 / count
        let (group, base) = series[random.below(20000)]
        let value = base * (1 + random.unit())
        let samples = Double(1 + random.below(60))
        work.add(
            start + minute * 60 + random.below(2) * 30,
            group + [
                millionths(value * 1.2), millionths(value * 0.8), millionths(value * samples), .double(samples),
            ])
    }
    return work
}

func million(_ count: Int) -> Workload {
    var random = SplitMix(state: 4)
    var work = Workload()
    let keys = (0..<1_000_000).map { work.text("principal-\($0)-\(random.hex(8))") }
    for event in 0..<count { work.add(start, [keys[event % 1_000_000], .integer(Int64(event))]) }
    return work
}

func paths(_ names: [String]) -> [FieldPath] {
    names.map { FieldPath($0.split(separator: ".").map { .key(String($0)) }) }
}

func run(_ name: String, _ workload: Workload, _ projection: Projection, _ plans: [RollupPlan]) {
    func each(_ body: (borrowing EventBatch, RawSpan) -> Void) {
        var batch = EventBatch(projection: projection)
        let payload = workload.payload.span.bytes
        var place = 0
        for event in 0..<workload.times.count {
            batch.beginRow()
            for slot in 0..<workload.width {
                let value = workload.fields[place + slot]
                if value.isText {
                    // Text goes where a decoder has just been: into a cache.
                    let offset = batch.arenaCount
                    batch.appendToArena(payload.extracting(value.offset..<value.offset + value.length))
                    batch.set(slot, .place(.arenaText, offset: offset, length: value.length))
                } else {
                    batch.set(slot, value)
                }
            }
            place += workload.width
            batch.commitRow(
                time: Timestamp(nanoseconds: workload.times[event]),
                place: RecordPlace(index: event, offset: 0, length: 0))
            if batch.isFull || event == workload.times.count - 1 {
                body(batch, payload)
                batch.removeAll()
            }
        }
    }
    let count = workload.times.count
    for _ in 0..<3 {
        for plan in plans {
            var limits = RollupLimits()
            limits.cellsMax = 8_000_000
            let before = residentMegabytes()
            var engine = RollupEngine(plan, limits: limits)
            // Timed batch by batch: filling is not the core's work, and differences of sums are noisy.
            var updating = 0
            each { batch, payload in
                let began = cpuNanoseconds()
                engine.update(batch, payload: payload)
                updating += cpuNanoseconds() - began
            }
            let held = residentMegabytes() - before
            let began = cpuNanoseconds()
            var writer = RollupCSVWriter()
            var bytes = 0
            var lines = 0
            for start in engine.windowStarts {
                guard let window = engine.takeWindow(start) else { continue }
                lines += window.count
                writer.write(window) { bytes += $0.byteCount }
            }
            writer.finish { bytes += $0.byteCount }
            let writing = cpuNanoseconds() - began
            print(
                "\(name) \(plan.definition.name): update \(updating / count) ns, "
                    + "write \(writing / count) ns an event; \(lines) rows, \(bytes) bytes, \(engine.counters.events) events, "
                    + "engine \(held) MB")
        }
    }
}

let arguments = CommandLine.arguments
let job = arguments.count > 1 ? arguments[1] : "all"
let wanted = arguments.count > 2 ? Int(arguments[2]) : nil

if job == "j1" || job == "all" {
    var projection = ProjectionBuilder(kind: .cloudTrail)
    for path in paths(["eventSource", "errorCode", "userIdentity.principalId"]) { _ = projection.slot(for: path) }
    let plan = try RollupPlan(
        RollupDefinition(
            name: "j1", source: .cloudTrail, windowNanoseconds: 60_000_000_000, groupBy: paths(["eventSource"]),
            measures: [
                MeasureDefinition(name: "total", kind: .count),
                MeasureDefinition(name: "errors", kind: .count, filter: "has(event.errorCode)"),
                MeasureDefinition(
                    name: "principals", kind: .distinct(paths(["userIdentity.principalId"])[0], exact: true)),
            ]), projection: &projection)
    run("j1", cloudTrail(wanted ?? 300_000), projection.projection, [plan])
}
if job == "j2" || job == "j2p" || job == "all" {
    var projection = ProjectionBuilder(kind: .vpcFlow)
    for path in paths(["log_status", "interface_id", "action", "packets", "bytes", "srcaddr", "dstport"]) {
        _ = projection.slot(for: path)
    }
    let j2 = try RollupPlan(
        RollupDefinition(
            name: "j2", source: .vpcFlow, windowNanoseconds: 60_000_000_000, filter: "event.log_status == \"OK\"",
            groupBy: paths(["interface_id", "action"]),
            measures: [
                MeasureDefinition(name: "packets", kind: .sum(paths(["packets"])[0])),
                MeasureDefinition(name: "bytes", kind: .sum(paths(["bytes"])[0])),
                MeasureDefinition(name: "flows", kind: .count),
            ]), projection: &projection)
    let j2p = try RollupPlan(
        RollupDefinition(
            name: "j2p", source: .vpcFlow, windowNanoseconds: 60_000_000_000, filter: "event.log_status == \"OK\"",
            groupBy: paths(["srcaddr"]),
            measures: [MeasureDefinition(name: "ports", kind: .distinct(paths(["dstport"])[0], exact: true))],
            top: TopDefinition(by: "ports", count: 10)), projection: &projection)
    run(
        "j2", flowLogs(wanted ?? 5_000_000), projection.projection,
        job == "all" ? [j2, j2p] : job == "j2" ? [j2] : [j2p])
}
if job == "j3" || job == "all" {
    var projection = ProjectionBuilder(kind: .metric)
    let names = [
        "account_id", "region", "namespace", "metric_name", "dimensions", "value.max", "value.min", "value.sum",
        "value.count",
    ]
    for path in paths(names) { _ = projection.slot(for: path) }
    let plan = try RollupPlan(
        RollupDefinition(
            name: "j3", source: .metric, windowNanoseconds: 60_000_000_000, groupBy: paths(Array(names[..<5])),
            measures: [
                MeasureDefinition(name: "max", kind: .max(paths(["value.max"])[0])),
                MeasureDefinition(name: "min", kind: .min(paths(["value.min"])[0])),
                MeasureDefinition(name: "sum", kind: .sum(paths(["value.sum"])[0])),
                MeasureDefinition(name: "count", kind: .sum(paths(["value.count"])[0])),
            ]), projection: &projection)
    run("j3", metrics(wanted ?? 2_000_000), projection.projection, [plan])
}
if job == "million" || job == "all" {
    var projection = ProjectionBuilder(kind: .cloudTrail)
    for path in paths(["userIdentity.arn", "size"]) { _ = projection.slot(for: path) }
    let measures = [
        MeasureDefinition(name: "count", kind: .count),
        MeasureDefinition(name: "size", kind: .sum(paths(["size"])[0])),
    ]
    let plans = try [("million", 1_000_000), ("folded", 100_000)].map { name, groupsMax in
        try RollupPlan(
            RollupDefinition(
                name: name, source: .cloudTrail, windowNanoseconds: 60_000_000_000,
                groupBy: paths(["userIdentity.arn"]), measures: measures, groupsMax: groupsMax), projection: &projection
        )
    }
    run("million", million(wanted ?? 2_000_000), projection.projection, plans)
}
