import Evaluation
import Files
import Planning
import TelemetryModel
import Text

/// The CSV files of the monitors of one rollup: `window_start`, the group columns, `direction`.
final class AnomalyFiles {
    /// By the monitor's index.
    private var files: [Int: FileWriter] = [:]
    private var failure: OutputFailure?

    init(_ folder: OutputFolder?, _ plan: PipelinePlan, rollup: Int) throws(OutputFailure) {
        guard let folder, plan.outputs.contains(.anomalies) else { return }
        for (index, monitor) in plan.monitors.enumerated() where monitor.rollup == rollup {
            let file = try folder.file("anomalies/\(monitor.definition.name).csv")
            let columns = ["window_start"] + plan.rollups[rollup].plan.groupColumns + ["direction"]
            try file.writeLine(columns.map(Inert.csv).joined(separator: ",").utf8)
            files[index] = file
        }
    }

    func write(_ flags: [(monitor: Int, flag: MonitorStates.Flag)]) {
        for (monitor, flag) in flags { write(flag, of: monitor) }
    }

    private func write(_ flag: MonitorStates.Flag, of monitor: Int) {
        guard failure == nil, let file = files[monitor] else { return }
        let cells = [String(flag.window.seconds)] + flag.group.map { $0.map(Inert.csv) ?? "" }
        let line = (cells + [flag.direction.rawValue]).joined(separator: ",")
        do { try file.writeLine(line.utf8) } catch { failure = error }
    }

    func close() throws(OutputFailure) {
        if let failure { throw failure }
        for (_, file) in files.sorted(by: { $0.key < $1.key }) { try file.close() }
    }
}
