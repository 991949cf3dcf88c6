import Foundation
import TestSupport
import Testing

/// The body of a plain HTTP answer; `nil` where nobody answers.
func httpGet(port: Int, _ path: String) -> String? {
    let client = Process()
    client.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    client.arguments = ["curl", "-s", "--max-time", "5", "http://127.0.0.1:\(port)\(path)"]
    let output = Pipe()
    client.standardOutput = output
    guard (try? client.run()) != nil else { return nil }
    let body = output.fileHandleForReading.readDataToEndOfFile()
    client.awaitEnd()
    return client.terminationStatus == 0 ? String(decoding: body, as: UTF8.self) : nil
}

/// Polls until a consumer says that it is ready; false where it ends before that, or after some minutes.
func awaitReady(_ consumer: Process, port: Int) -> Bool {
    eventually(while: { consumer.isRunning }) { httpGet(port: port, "/readyz") == "ready\n" }
}

/// Polls until the metric's value is as wanted; false after some minutes.
func awaitMetric(_ name: String, port: Int, _ isReached: (Double) -> Bool) throws -> Bool {
    eventually(every: .milliseconds(100)) {
        let lines = (httpGet(port: port, "/metrics") ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map(isReached) ?? false
    }
}
