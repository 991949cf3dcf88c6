import Foundation
import TestSupport
import Testing

/// What one call of `tidewatch decode` said.
struct Decoded {
    let status: Int32
    /// The printed lines.
    let lines: [JSON]
    let deadLetters: [JSON]
    /// Standard error's lines.
    let summary: [String]

    var events: [JSON] { lines.map { $0["event"] } }

    init(_ arguments: [String], in folder: TemporaryFolder) throws {
        let name = "dead-\(UUID().uuidString).jsonl"
        let result = try Tidewatch.run(["decode", "--dead-letter", folder.path(name)] + arguments, in: folder)
        status = result.status
        lines = try JSON.lines(result.output)
        deadLetters = try folder.jsonLines(name)
        summary = result.error.split(separator: "\n").map(String.init)
        // Neither lost nor invented: the counts are those of what was written.
        #expect(summary.contains("decoded \(lines.count), dead-lettered \(deadLetters.count)"), "\(result.error)")
    }

    /// The original bytes of a dead letter.
    static func payload(_ deadLetter: JSON) -> Data? { deadLetter["payload"].text.flatMap { Data(base64Encoded: $0) } }
}

/// Runs a tool of the system to its end and returns its standard output.
func toolOutput(_ arguments: [String]) throws -> Data {
    let tool = Process()
    tool.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tool.arguments = arguments
    let output = Pipe()
    tool.standardOutput = output
    try tool.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    tool.awaitEnd()
    try #require(tool.terminationStatus == 0, "\(arguments)")
    return data
}
