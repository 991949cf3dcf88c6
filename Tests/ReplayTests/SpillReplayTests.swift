import Aggregation
import Decoding
import Files
import Foundation
import TelemetryModel
import TestSupport
import Testing

@testable import Counting
@testable import Planning
@testable import Replay

/// Cells that there is no more room for are put aside, and rollups are those that one engine would have counted.
@Suite struct SpillReplayTests {
    private static func rollup(window: String, measures: String) -> String {
        """
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: flows}
        spec:
          source: VPCFlow
          window: \(window)
          groupBy: [srcaddr]
          measures: [\(measures)]
        """
    }

    @Test func historyOfMoreWindowsThanAreKeptOpenCountsToTheUnit() throws {
        let resources =
            Self.rollup(window: "1s", measures: "{name: flows, count: true}, {name: volume, sum: bytes}") + """

                ---
                apiVersion: tidewatch/v1
                kind: AnomalyMonitor
                metadata: {name: large}
                spec:
                  rollup: flows
                  value: volume
                  method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}
                """
        let folder = try TemporaryFolder()
        // One more chunk of the file than it takes to fill the windows.
        let seconds = RollupSpill.windowsMax + 18_000
        func bytes(_ second: Int) -> Int { second == 40_000 ? 90_000 : 100 + second % 3 }
        let first = (0..<seconds).map {
            SmallEstate.Flow(second: $0, source: "10.0.0.1", port: 443, bytes: bytes($0)).line + "\n"
        }
        // Windows that the first file had, early and late, and another source.
        let again = [3, 40_000, seconds - 1]
        let second = again.flatMap { second in
            ["10.0.0.1", "10.0.0.2"].map {
                SmallEstate.Flow(second: second, source: $0, port: 80, bytes: 100).line + "\n"
            }
        }
        let files = [
            try folder.write(first.joined(), to: "0.log"), try folder.write(second.joined(), to: "1.log"),
        ]
        var options = Replay.Options()
        options.outputFolder = folder.path("out")
        let plan = try SmallEstate.plan(resources, outputs: [.rollups, .anomalies])
        let result = try Replay(plan: plan, options: options).run(files: files)
        #expect(result.statistics.troubles.isEmpty && result.statistics.decodedTotal == seconds + second.count)

        var rows = "window_start,srcaddr,flows,volume\n"
        for second in 0..<seconds {
            let time = SmallEstate.start + second
            if again.contains(second) {
                rows += "\(time),10.0.0.1,2,\(bytes(second) + 100)\n\(time),10.0.0.2,1,100\n"
            } else {
                rows += "\(time),10.0.0.1,1,\(bytes(second))\n"
            }
        }
        let isEqual = try folder.text("out/rollups/flows.csv") == rows
        #expect(isEqual)
        // The last window is twice as much as usual only with what both files hold of it.
        #expect(
            try folder.text("out/anomalies/large.csv")
                == "window_start,srcaddr,direction\n"
                + [40_000, seconds - 1].map { "\(SmallEstate.start + $0),10.0.0.1,+\n" }.joined())
        // Cells that were put aside are no results.
        #expect(try folder.files(below: "out").keys.sorted() == ["anomalies/large.csv", "rollups/flows.csv"])
    }

    /// What there is room for is not put aside, which takes longer than counting it; what comes of it is the same.
    @Test func theRoomForRollupsChangesNoRow() throws {
        let folder = try TemporaryFolder()
        // Groups by the minute, in several chunks of the file.
        let flows = (0..<9_000).map { number in
            SmallEstate.Flow(second: number % 600, source: "10.0.\(number % 199).1", port: 443, bytes: number)
        }
        let file = try folder.write(flows.map { $0.line + "\n" }.joined(), to: "flows.log")
        let resources = Self.rollup(window: "1m", measures: "{name: flows, count: true}, {name: volume, sum: bytes}")
        let plan = try SmallEstate.plan(resources, outputs: [.rollups])
        func replay(rollupBytesMax: Int?, to name: String) throws -> String {
            var options = Replay.Options()
            options.outputFolder = folder.path(name)
            if let rollupBytesMax { options.rollupBytesMax = rollupBytesMax }
            _ = try Replay(plan: plan, options: options).run(files: [file]) { _ in
                let isSpilled = FileManager.default.fileExists(
                    atPath: folder.path("\(name)/.partial/flows.cells.partial"))
                #expect(isSpilled == (rollupBytesMax != nil))
            }
            return try folder.text("\(name)/rollups/flows.csv")
        }
        let rows = try replay(rollupBytesMax: nil, to: "roomy")
        let cells = Set(flows.map { "\($0.second / 60) \($0.source)" })
        #expect(rows.split(separator: "\n").count == 1 + cells.count)
        #expect(try replay(rollupBytesMax: 1, to: "tight") == rows)
    }

    @Test func measuresOfEveryKindAreAddedUpOverRuns() throws {
        let measures = """
            {name: flows, count: true}, {name: volume, sum: bytes}, {name: least, min: bytes}, {name: most, max: bytes},
            {name: ports, distinct: dstport}, {name: sizes, distinct: bytes, exact: true},
            {name: median, quantile: {of: bytes, q: 0.5}}
            """
        let plan = try SmallEstate.plan(Self.rollup(window: "1m", measures: measures), outputs: [.rollups])
        let folder = try TemporaryFolder()
        func counted(_ flows: [SmallEstate.Flow]) throws -> EngineBox {
            var decoder = plan.makeMessageDecoder(format: .vpcFlow, flowFields: nil, limits: DecodingLimits())
            var counter = PartitionCounter(
                plan: plan, lateHorizonNanoseconds: nil, cursor: .file(name: "flows"), sink: DiscardingSink())
            let text = flows.map { $0.line + "\n" }.joined()
            _ = decoder.decode(Array(text.utf8).span.bytes, to: &counter)
            #expect(counter.statistics.decodedTotal == flows.count)
            return try #require(counter.rollups.first)
        }
        func rows(_ box: EngineBox, _ spill: RollupSpill) throws -> [Substring] {
            var csv = RollupCSVWriter()
            var bytes: [UInt8] = []
            try RollupSpill.forEachWindow(of: box, spill) { window in
                csv.write(window) { (span: RawSpan) in bytes += span.withUnsafeBytes { Array($0) } }
            }
            csv.finish { (span: RawSpan) in bytes += span.withUnsafeBytes { Array($0) } }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        }
        let flows = SmallEstate.flows
        let empty = RollupSpill(plan.rollups[0].plan, in: ScratchFolder(existing: folder.root))
        let expected = try rows(counted(flows), empty)
        #expect(expected.count == 3 * SmallEstate.minutes)

        // Runs that share windows, and one of other times than all the others.
        let spill = RollupSpill(plan.rollups[0].plan, in: ScratchFolder(existing: folder.root))
        let late = flows.count - 100
        for part in 0..<4 {
            let own = flows.indices.filter { $0 % 5 == part && $0 < late }.map { flows[$0] }
            let box = try counted(own)
            try spill.take { cell throws(OutputFailure) in try box.engine.takeAll(cell) }
        }
        let last = try counted(Array(flows[late...]))
        try spill.take { cell throws(OutputFailure) in try last.engine.takeAll(cell) }
        let rest = flows.indices.filter { $0 % 5 == 4 && $0 < late }.map { flows[$0] }
        let found = try rows(counted(rest), spill)
        #expect(found == expected)
        #expect(try folder.files(below: "").isEmpty)
    }
}
