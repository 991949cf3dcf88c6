import Foundation

/// Reads secrets that stand in the settings or in a file beside them.
package struct SecretFiles {
    /// What relative paths begin at: the settings file's folder.
    let folder: String

    /// The secret under `key`, or in the file named under `fileKey`. `nil` when there is none or it can't be read, which
    /// is reported; the value itself never is.
    package func read(_ fields: MappingReader, _ key: String, file fileKey: String) -> Secret? {
        let reader = fields.optional(key)
        let fileReader = fields.optional(fileKey)
        if reader != nil, let fileReader {
            fileReader.report("there is a \(key) and a \(fileKey)", "keep one of them")
            return nil
        }
        if let reader { return reader.secret() }
        return fileReader.flatMap { read(fileOf: $0, key) }
    }

    /// What the file holds whose path stands there; `name` is what messages call it.
    func read(fileOf fileReader: NodeReader, _ name: String) -> Secret? {
        guard let path = fileReader.nonEmptyString().map(resolved) else { return nil }
        let shown = fileReader.shown(path)
        guard FileManager.default.fileExists(atPath: path) else {
            fileReader.report(
                "there is no file \(shown)", "check the path, which is relative to the settings file")
            return nil
        }
        do throws(SecretFile.Fault) { return try SecretFile(path).current } catch {
            switch error {
            case .unreadable:
                fileReader.report(
                    "the file \(shown) can't be read as text of at most \(SecretFile.bytesMax) bytes",
                    "check the path, which is relative to the settings file")
            case .empty: fileReader.report("the file \(shown) is empty", "write the \(name) into it")
            }
            return nil
        }
    }

    /// The path of a file that can be read, of which what uses it makes sense.
    func readable(_ reader: NodeReader) -> String? {
        guard let path = reader.nonEmptyString().map(resolved) else { return nil }
        guard isReadable(path) else {
            reader.report(
                "the file \(reader.shown(path)) can't be read", "check the path, which is relative to the settings file"
            )
            return nil
        }
        return path
    }

    func resolved(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
    }

    private func isReadable(_ path: String) -> Bool {
        ConfigurationFiles.kind(of: path) == .file && FileManager.default.isReadableFile(atPath: path)
    }
}
