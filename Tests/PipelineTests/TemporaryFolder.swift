import Foundation

/// A fresh folder, removed with its last reference.
final class TemporaryFolder: Sendable {
    let root: String

    init() {
        let url = FileManager.default.temporaryDirectory.appending(path: "tidewatch-\(UUID().uuidString)")
        try! FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        root = url.path(percentEncoded: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    func path(_ name: String) -> String { name.isEmpty ? root : "\(root)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try makeParent(of: name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func link(_ name: String, to target: String) throws {
        try makeParent(of: name)
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    private func makeParent(of name: String) throws {
        let parent = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    }
}
