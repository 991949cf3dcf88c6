import Foundation

/// Finds and reads the files of a configuration.
enum ConfigurationFiles {
    static let filesMax = 10_000

    /// The YAML files that `paths` name: a file as it is, a folder as the `.yaml` and `.yml` files in and below it, in
    /// the order of their paths. A file named twice is taken once.
    static func expanded(_ paths: [String], log: ProblemLog) -> [String] {
        var files: [String] = []
        var seen: Set<String> = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                log.report(
                    file: path, mark: .start, path: "", message: "there is no such file or folder",
                    suggestion: "check the path, which is relative to the working folder")
                continue
            }
            let found = isFolder.boolValue ? filesBelow(path) : [path]
            if found.isEmpty {
                log.report(
                    file: path, mark: .start, path: "", message: "the folder holds no .yaml or .yml file",
                    suggestion: "name another folder, or a file")
            }
            if files.count + found.count > filesMax {
                log.report(
                    file: path, mark: .start, path: "", message: "there are more than \(filesMax) files",
                    suggestion: "name a folder that holds resources alone")
                return files
            }
            files += found.filter { seen.insert(identity(of: $0)).inserted }
        }
        return files
    }

    /// The text of a file; what can't be read, or is no UTF-8, is reported.
    static func text(of file: String, log: ProblemLog) -> String? {
        log.begin(file: file)
        guard let handle = FileHandle(forReadingAtPath: file),
            // One byte past the bound shows that there is more, without reading all of it.
            let data = try? handle.read(upToCount: YAMLText.bytesMax + 1)
        else {
            if FileManager.default.isReadableFile(atPath: file), isEmptyFile(file) { return "" }
            log.report(
                file: file, mark: .start, path: "", message: "the file can't be read",
                suggestion: "check that it exists and that this user may read it")
            return nil
        }
        let bytes = Array(data)
        if bytes.count <= YAMLText.bytesMax, let text = String(validating: bytes, as: UTF8.self) {
            return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
        }
        if bytes.count > YAMLText.bytesMax {
            log.report(
                file: file, mark: .start, path: "",
                message: "the file has more than \(YAMLText.bytesMax) bytes",
                suggestion: "split it into several files of one folder")
        } else {
            log.report(
                file: file, mark: markOfInvalidUTF8(in: bytes), path: "", message: "the file is not valid UTF-8",
                suggestion: "save it as UTF-8")
        }
        return nil
    }

    private static func filesBelow(_ folder: String) -> [String] {
        // A link to a folder is the folder; the enumerator itself would not follow it.
        guard let names = FileManager.default.enumerator(atPath: identity(of: folder)) else { return [] }
        var files: [String] = []
        while let name = names.nextObject() as? String {
            // Kubernetes mounts a ConfigMap as links into a hidden folder; its files are found by their links.
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            guard !isHidden, name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { continue }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            files.append(path)
        }
        // By bytes, which is the same order on every machine.
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The same for two paths of one file.
    static func identity(of file: String) -> String {
        URL(fileURLWithPath: file).resolvingSymlinksInPath().path
    }

    private static func isEmptyFile(_ file: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) == 0
    }

    private static func markOfInvalidUTF8(in bytes: [UInt8]) -> SourceMark {
        var mark = SourceMark.start
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" {
                mark = SourceMark(line: mark.line + 1, column: 1)
            } else {
                mark.column += 1
            }
        }
        return mark
    }
}
