import Foundation

/// Reads secrets that stand in the settings or in a file beside them.
struct SecretFiles {
    /// What relative paths begin at: the settings file's folder.
    let folder: String

    /// Bytes of a secret at most; more is no secret but a wrong path.
    static let bytesMax = 65_536

    /// The secret under `key`, or in the file named under `fileKey`. `nil` when there is none or it can't be read, which
    /// is reported; the value itself never is.
    func read(_ fields: MappingReader, _ key: String, file fileKey: String) -> Secret? {
        let reader = fields.optional(key)
        let fileReader = fields.optional(fileKey)
        if reader != nil, let fileReader {
            fileReader.report("there is a \(key) and a \(fileKey)", "keep one of them")
            return nil
        }
        if let reader { return reader.secret() }
        guard let fileReader, let path = fileReader.nonEmptyString().map(resolved) else { return nil }
        let shown = fileReader.shown(path)
        // A pipe would wait for its writer, a device might never end.
        guard ConfigurationFiles.kind(of: path) == .file, let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: SecretFiles.bytesMax + 1), data.count <= SecretFiles.bytesMax,
            let text = String(validating: data, as: UTF8.self)
        else {
            fileReader.report(
                "the file \(shown) can't be read as text", "check the path, which is relative to the settings file")
            return nil
        }
        // Editors end the last line; all other blanks may be part of the secret.
        let value = text.hasSuffix("\n") || text.hasSuffix("\r\n") ? String(text.dropLast()) : text
        guard !value.isEmpty else {
            fileReader.report("the file \(shown) is empty", "write the \(key) into it")
            return nil
        }
        return Secret(value)
    }

    func resolved(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
    }

    func isReadable(_ path: String) -> Bool {
        ConfigurationFiles.kind(of: path) == .file && FileManager.default.isReadableFile(atPath: path)
    }
}
