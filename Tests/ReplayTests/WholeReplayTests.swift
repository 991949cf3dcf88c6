import Alerting
import Files
import Foundation
import Objectives
import Reporting
import TelemetryModel
import TestSupport
import Testing

@testable import Planning
@testable import Replay

/// A replay over files, from their bytes to its results, counted to the unit.
@Suite struct WholeReplayTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func options(out: String? = "out") -> Replay.Options {
        var options = Replay.Options()
        options.outputFolder = out.map(folder.path)
        return options
    }

    private func lines(_ name: String) throws -> [[String: Any]] {
        try folder.data(name).split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
        }
    }

    private func written(_ calls: [SmallEstate.Call], to name: String) throws -> String {
        try folder.write(calls.map { $0.json + "\n" }.joined(), to: name)
    }

    private func written(_ flows: [SmallEstate.Flow], to name: String) throws -> String {
        try folder.write(flows.map { $0.line + "\n" }.joined(), to: name)
    }

    @Test func everyOutputSaysWhatTheFilesHold() throws {
        let calls = SmallEstate.calls
        let document = #"{"Records":[\#(calls.map(\.json).joined(separator: ","))]}"#
        try folder.write(Data(gzipped(Array(document.utf8))), to: "in/a/trail.json.gz")
        _ = try written(SmallEstate.flows, to: "in/b.log")
        let broken = #"{"eventVersion":"1.08","eventName":"GetObject"}"#
        try folder.write("\(broken)\n", to: "in/c.json")
        let files = try InputPaths([folder.path("in")]).files
        var progress: [Int] = []
        let result = try Replay(plan: SmallEstate.plan(), options: options()).run(files: files) { progress.append($0) }

        #expect(result.statistics.decoded == [.cloudTrail: calls.count, .vpcFlow: SmallEstate.flows.count])
        #expect(result.statistics.deadLettered == [.missingField: 1])
        let bytes = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)).count }.reduce(0, +)
        #expect(result.statistics.bytes == bytes && progress == progress.sorted() && progress.last == bytes)

        let entry = try #require(result.report.entries.first)
        #expect(entry.good == 500 && entry.total == 600 && entry.bad == 100 && entry.status == .violated)
        #expect(result.report.at == SmallEstate.at(3_600))
        #expect(try folder.data("out/report.json") == Data(result.report.json + [0x0A]))

        #expect(try folder.text("out/rollups/flows.csv") == SmallEstate.rollup(of: SmallEstate.flows))
        #expect(
            try folder.text("out/anomalies/busy.csv")
                == "window_start,srcaddr,direction\n\(SmallEstate.start + 60 * SmallEstate.burst),10.0.0.1,+\n")

        #expect(try folder.data("out/alerts.ndjson") == Data(result.alerts.flatMap { $0.json + [0x0A] }))
        for (kind, count) in [("anomaly", 2), ("burn_rate", 0)] {
            let alerts = result.alerts.map(\.alert).filter { $0.kind == kind }
            #expect(count == 0 ? !alerts.isEmpty : alerts.count == count)
            let open = alerts.filter { $0.status == .open }.map(\.dedupKey)
            #expect(!open.isEmpty && Set(open).count == open.count, "each opens once")
        }
        #expect(result.alerts.map(\.alert.time) == result.alerts.map(\.alert.time).sorted())

        let audits = try lines("out/audit.ndjson")
        #expect(audits.compactMap { $0["uid"] as? String } == calls.filter(\.isBad).map(\.eventID))
        #expect(result.statistics.auditRecords == audits.count)

        let dead = try lines("out/deadletter.ndjson")
        #expect(dead.count == 1 && dead[0]["payload"] as? String == Data(broken.utf8).base64EncodedString())
        #expect((dead[0]["position"] as? [String: Any])?["file"] as? String == folder.path("in/c.json"))

        let windows = try lines("out/windows.ndjson")
        func sum(_ keys: String...) -> Int {
            windows.map { block in
                keys.compactMap { block[$0] as? [Any] }.joined().compactMap { ($0 as? NSNumber)?.intValue }
                    .reduce(0, +)
            }.reduce(0, +)
        }
        #expect(sum("good", "goods") == 500 && sum("total", "totals") == 600)
    }

    /// However the records lie in files: in other orders, in pieces, compressed or not.
    @Test func filesInAnyOrderAndInPiecesComeToTheSame() throws {
        let (calls, flows) = (SmallEstate.calls, SmallEstate.flows)
        let whole = try Replay(plan: SmallEstate.plan(), options: options(out: "whole")).run(files: [
            written(calls, to: "in/calls.json"), written(flows, to: "in/flows.log"),
        ])
        var pieces: [String] = []
        for piece in 0..<5 {
            pieces.append(
                try written(calls.indices.filter { $0 % 5 == piece }.map { calls[$0] }, to: "pieces/\(piece).json"))
            let text = flows.indices.filter { $0 % 5 == piece }.map { flows[$0].line + "\n" }.joined()
            pieces.append(try folder.write(Data(gzipped(Array(text.utf8))), to: "pieces/\(piece).log.gz"))
        }
        let apart = try Replay(plan: SmallEstate.plan(), options: options(out: "apart")).run(files: pieces.reversed())
        for name in ["rollups/flows.csv", "anomalies/busy.csv"] {
            #expect(try folder.text("apart/\(name)") == folder.text("whole/\(name)"))
        }
        #expect(apart.alerts.map(\.alert.dedupKey) == whole.alerts.map(\.alert.dedupKey))
        #expect(apart.alerts.map(\.alert.time) == whole.alerts.map(\.alert.time) && !whole.alerts.isEmpty)
        let entries = [whole, apart].compactMap(\.report.entries.first)
        #expect(entries.map(\.good) == [500, 500] && entries.map(\.total) == [600, 600])
        #expect(entries.allSatisfy { $0.burnRates == entries[0].burnRates })
    }

    @Test(arguments: [true, false])
    func secondDeliveryCountsOnceWhereItIsLookedFor(removesDuplicates: Bool) throws {
        let files = [
            try written(SmallEstate.calls, to: "a.json"),
            try written(SmallEstate.calls.filter(\.isBad), to: "b.json"),
        ]
        var options = options(out: nil)
        options.removesDuplicates = removesDuplicates
        let plan = try SmallEstate.plan(outputs: [.report], removesDuplicates: removesDuplicates)
        let result = try Replay(plan: plan, options: options).run(files: files)
        #expect(result.statistics.duplicates == (removesDuplicates ? 100 : 0))
        #expect(result.report.entries.first?.bad == (removesDuplicates ? 100 : 200))
    }

    @Test func whatTheClockDoesNotAllowGoesToTheDeadLettersWhole() throws {
        var options = options()
        options.now = SmallEstate.at(30 * 60)
        options.futureToleranceNanoseconds = 60_000_000_000
        let plan = try SmallEstate.plan(outputs: [.report, .deadletter])
        let result = try Replay(plan: plan, options: options).run(files: [written(SmallEstate.calls, to: "a.json")])
        let future = SmallEstate.calls.filter { $0.second > 31 * 60 }
        #expect(result.statistics.deadLettered == [.fromTheFuture: future.count])
        #expect(result.report.entries.first?.total == Int128(600 - future.count))
        let payloads = try lines("out/deadletter.ndjson").compactMap { ($0["payload"] as? String) }
        #expect(payloads == future.map { Data($0.json.utf8).base64EncodedString() })
    }

    @Test func whatComesTooLateIsCountedAsLate() throws {
        var options = options(out: nil)
        options.latenessHorizonNanoseconds = 600_000_000_000
        let late = SmallEstate.Call(second: 59, isBad: true)
        let plan = try SmallEstate.plan(outputs: [.report])
        let result = try Replay(plan: plan, options: options).run(files: [
            written(SmallEstate.calls + [late], to: "a.json")
        ])
        #expect(result.statistics.late == [.cloudTrail: 1])
        #expect(result.report.entries.first?.total == 600 && result.report.entries.first?.lateUncounted == 1)
    }

    /// What can be decompressed counts, and what is missing is said.
    @Test func fileThatIsCutOffCountsToTheCut() throws {
        let text = SmallEstate.flows.map { $0.line + "\n" }.joined()
        let packed = gzipped(Array(text.utf8))
        let cut = packed.count / 2
        let file = try folder.write(Data(packed.prefix(cut)), to: "a.log.gz")
        let plan = try SmallEstate.plan(outputs: [.rollups, .deadletter])
        let result = try Replay(plan: plan, options: options()).run(files: [file])
        // gzip's head and that of the one block are before the text.
        let whole = text.utf8.prefix(cut - 15).filter { $0 == 0x0A }.count
        #expect(result.statistics.decodedTotal == whole)
        #expect(result.statistics.deadLetteredTotal == 1, "\(result.statistics.deadLettered)")
        #expect(
            try folder.text("out/rollups/flows.csv") == SmallEstate.rollup(of: Array(SmallEstate.flows.prefix(whole))))
        #expect(try lines("out/deadletter.ndjson").count == 1)
    }

    @Test func fileThatCanNotBeReadFailsAndTheResultsOfBeforeStay() throws {
        try folder.write("earlier\n", to: "out/report.json")
        let good = try written(SmallEstate.calls, to: "a.json")
        for (path, words) in [
            (folder.path("gone"), "open failed: No such file or directory"),
            (folder.root, "read failed: Is a directory"),
        ] {
            #expect {
                try Replay(plan: SmallEstate.plan(), options: options()).run(files: [good, path])
            } throws: {
                "\($0)" == "\(path): \(words)"
            }
            #expect(try folder.files(below: "out") == ["report.json": Data("earlier\n".utf8)])
        }
    }

    @Test func resultsThatAreTakenAwayBeforeTheyAreWholeFail() throws {
        try folder.write("earlier\n", to: "out/report.json")
        let files = [try written(SmallEstate.calls, to: "a.json")]
        #expect {
            try Replay(plan: SmallEstate.plan(), options: options()).run(files: files) { _ in
                try? FileManager.default.removeItem(atPath: folder.path("out/.partial"))
            }
        } throws: {
            "\($0)".hasSuffix("audit.ndjson: the file can't be put in its place: No such file or directory")
        }
        #expect(try folder.files(below: "out") == ["report.json": Data("earlier\n".utf8)])
    }

    @Test func fileInThePlaceOfTheFolderIsRefused() throws {
        try folder.write("mine", to: "out")
        #expect {
            try Replay(plan: SmallEstate.plan(), options: options())
        } throws: {
            "\($0)" == "\(folder.path("out")): the folder can't be created: \(folder.path("out")) is a file"
        }
        #expect(try folder.text("out") == "mine")
    }
}
