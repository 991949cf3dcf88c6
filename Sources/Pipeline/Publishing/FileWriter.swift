import Foundation

/// Writes one output file in large pieces.
final class FileWriter {
    private static let flushBytes = 256 * 1024

    private let handle: FileHandle
    private let path: String
    private var pending: [UInt8] = []

    init(path: String) throws(ReplayFailure) {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ReplayFailure("\(path): the file can't be created") }
        self.handle = handle
    }

    func write(_ bytes: some Collection<UInt8>) throws(ReplayFailure) {
        pending.append(contentsOf: bytes)
        if pending.count >= FileWriter.flushBytes { try flush() }
    }

    func write(_ bytes: RawSpan) throws(ReplayFailure) {
        // Already gathered by who calls, so it goes out as it is.
        try flush()
        do {
            try handle.write(contentsOf: Data(copying: bytes))
        } catch {
            throw ReplayFailure("\(path): \(error.localizedDescription)")
        }
    }

    func writeLine(_ bytes: some Collection<UInt8>) throws(ReplayFailure) {
        pending.append(contentsOf: bytes)
        pending.append(0x0A)
        if pending.count >= FileWriter.flushBytes { try flush() }
    }

    func flush() throws(ReplayFailure) {
        guard !pending.isEmpty else { return }
        do {
            try handle.write(contentsOf: pending)
        } catch {
            throw ReplayFailure("\(path): \(error.localizedDescription)")
        }
        pending.removeAll(keepingCapacity: true)
    }

    func close() throws(ReplayFailure) {
        try flush()
        do {
            try handle.close()
        } catch {
            throw ReplayFailure("\(path): \(error.localizedDescription)")
        }
    }
}

/// Why a replay could not be carried out.
public struct ReplayFailure: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
