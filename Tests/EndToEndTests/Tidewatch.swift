import Foundation
import TestSupport
import Testing

/// The program under test, as a process.
enum Tidewatch {
    struct Result {
        let status: Int32
        let output: String
        let error: String

        /// Standard output's lines.
        var lines: [Substring] { output.split(separator: "\n") }
    }

    /// The repository, which the tests' own path tells.
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let demoResources = "\(repository)/Sources/tidewatch/Demo/estate.yaml"

    /// `TIDEWATCH_BINARY`, or the binary that was built beside the tests.
    static func binary() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["TIDEWATCH_BINARY"] { return URL(fileURLWithPath: path) }
        let arguments = CommandLine.arguments
        let bundle =
            arguments.first { $0.hasSuffix(".xctest") }
            ?? arguments.firstIndex(of: "--test-bundle-path").flatMap { index in
                index + 1 < arguments.count ? arguments[index + 1] : nil
            } ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let url = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("tidewatch")
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw Missing(
                description: "\(url.path) is missing: run `swift build --product tidewatch`, or set TIDEWATCH_BINARY")
        }
        return url
    }

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, input: String? = nil, environment: [String: String] = [:]
    ) throws -> Result {
        try start(arguments, in: folder, input: input, environment: environment).finish()
    }

    /// One that runs beside the test.
    struct Started {
        fileprivate let process: Process
        fileprivate let folder: TemporaryFolder
        fileprivate let name: String

        /// Waits for its end.
        func finish() throws -> Result {
            process.awaitEnd()
            return Result(
                status: process.terminationStatus, output: try folder.text("\(name).out"),
                error: try folder.text("\(name).err"))
        }
    }

    /// Outputs go through files, so that neither can fill up a pipe while the other is read.
    static func start(
        _ arguments: [String], in folder: TemporaryFolder, input: String? = nil, environment: [String: String] = [:]
    ) throws -> Started {
        let process = try prepared(arguments, environment: environment)
        let name = UUID().uuidString
        let outputs = try ["out", "err"].map { kind in
            let path = folder.path("\(name).\(kind)")
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        }
        process.standardOutput = outputs[0]
        process.standardError = outputs[1]
        if let input {
            process.standardInput = try FileHandle(
                forReadingFrom: URL(fileURLWithPath: folder.write(input, to: "\(name).in")))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        return Started(process: process, folder: folder, name: name)
    }

    static func prepared(_ arguments: [String], environment: [String: String] = [:]) throws -> Process {
        let process = Process()
        process.executableURL = try binary()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return process
    }
}

extension TemporaryFolder {
    func json(_ name: String) throws -> JSON { try JSON(parsing: data(name)) }
    func jsonLines(_ name: String) throws -> [JSON] { try JSON.lines(data(name)) }
}
