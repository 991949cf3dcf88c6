import Foundation

/// A fresh folder, removed with its last reference.
public final class TemporaryFolder: Sendable {
    public let root: String

    public init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("tidewatch-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// Where `name` is, or would be.
    public func path(_ name: String) -> String { name.isEmpty ? root : "\(root)/\(name)" }

    /// Writes a file, with the folders above it, and answers its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }

    @discardableResult
    public func write(_ data: Data, to name: String) throws -> String {
        try makeParent(of: name)
        try data.write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// A symbolic link, with the folders above it.
    public func link(_ name: String, to target: String) throws {
        try makeParent(of: name)
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    /// A new file to write to.
    public func file(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path(name), contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path(name)))
    }

    public func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    /// What is not UTF-8 is replaced.
    public func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

    /// Every file below `name`, by its path there, with its bytes.
    public func files(below name: String) throws -> [String: Data] {
        let base = path(name)
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        var files: [String: Data] = [:]
        for file in names {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: "\(base)/\(file)", isDirectory: &isFolder), !isFolder.boolValue
            else { continue }
            files[file] = try data("\(name)/\(file)")
        }
        return files
    }

    private func makeParent(of name: String) throws {
        let parent = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    }
}
