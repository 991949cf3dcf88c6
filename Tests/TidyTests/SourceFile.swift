import Foundation

/// A Swift file of the package, read once for all rules.
struct SourceFile {
    /// From the package's root: `Sources/Decoding/Envelope/Gzip.swift`.
    let path: String
    let tokens: [Token]
    let lineCount: Int

    init(path: String, text: String) {
        self.path = path
        tokens = SwiftLexer.tokens(of: text)
        lineCount = text.utf8.count { $0 == UInt8(ascii: "\n") } + (text.isEmpty || text.hasSuffix("\n") ? 0 : 1)
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    func isBelow(_ folder: String) -> Bool { path.hasPrefix(folder + "/") }
}

/// All of the package that the rules read.
struct SourceTree {
    let files: [SourceFile]
    let manifest: PackageManifest
    let readme: String
    /// `docs/architecture.md`.
    let architecture: String
    private let root: URL

    /// The package that this test was built from.
    static let package = try! SourceTree(
        root: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../.."))

    init(root: URL) throws {
        let root = root.standardizedFileURL
        self.root = root
        var files: [SourceFile] = []
        for folder in ["Sources", "Tests", "Benchmarks"] {
            let below = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            while let path = below?.nextObject() as? String {
                guard path.hasSuffix(".swift") else { continue }
                let text = try String(contentsOf: root.appending(path: "\(folder)/\(path)"), encoding: .utf8)
                files.append(SourceFile(path: "\(folder)/\(path)", text: text))
            }
        }
        self.files = files.sorted { $0.path < $1.path }
        manifest = PackageManifest(
            text: try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
        readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        architecture = try String(contentsOf: root.appending(path: ArchitectureRule.page), encoding: .utf8)
    }

    /// Whether a file or folder is there, by its path from the root.
    func isThere(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    var sources: [SourceFile] { files.filter { $0.isBelow("Sources") } }
    var tests: [SourceFile] { files.filter { !$0.isBelow("Sources") } }
}
