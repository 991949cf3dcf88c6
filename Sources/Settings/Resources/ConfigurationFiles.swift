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
            guard let kind = kind(of: path) else {
                let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
                log.report(
                    file: path, mark: .start, path: "",
                    message: isLink ? "the link leads nowhere" : "there is no such file or folder",
                    suggestion: "check the path, which is relative to the working folder")
                continue
            }
            let problemsBefore = log.count
            let found = kind == .folder ? filesBelow(path, log: log) : [path]
            if found.isEmpty, log.count == problemsBefore {
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

    /// The text of a file, whose bytes are added to `digests`; what can't be read, or is no UTF-8, is reported.
    static func text(of file: String, log: ProblemLog, digests: inout FileDigests) -> String? {
        log.begin(file: file)
        // A pipe would wait for its writer, a device might never end.
        guard kind(of: file) != .other else {
            log.report(
                file: file, mark: .start, path: "", message: "this is a device, a pipe or a socket",
                suggestion: "name a file")
            return nil
        }
        guard let handle = FileHandle(forReadingAtPath: file),
            // One byte past the bound shows that there is more, without reading all of it.
            let data = try? handle.read(upToCount: YAMLText.bytesMax + 1)
        else {
            if FileManager.default.isReadableFile(atPath: file), isEmptyFile(file) {
                digests.add([])
                return ""
            }
            log.report(
                file: file, mark: .start, path: "", message: "the file can't be read",
                suggestion: "check that it exists and that this user may read it")
            return nil
        }
        let bytes = Array(data)
        if bytes.count <= YAMLText.bytesMax, let text = String(validating: bytes, as: UTF8.self) {
            digests.add(bytes)
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

    enum FileKind { case file, folder, other }

    /// What a path leads to, through links; `nil` when there is nothing.
    static func kind(of path: String) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// The files in and below a folder. What can't be read is reported: it may hold an objective that nobody then counts.
    private static func filesBelow(_ folder: String, log: ProblemLog) -> [String] {
        var files: [String] = []
        var folders = [folder]
        while let folder = folders.popLast(), files.count <= filesMax {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
                log.report(
                    file: folder, mark: .start, path: "", message: "the folder can't be read",
                    suggestion: "check that this user may read it")
                continue
            }
            // Kubernetes mounts a ConfigMap as links into a hidden folder; its files are found by their links.
            for name in names.sorted() where !name.hasPrefix(".") {
                let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
                let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
                switch kind(of: path) {
                case .folder? where isLink:
                    log.report(
                        file: path, mark: .start, path: "", message: "the link to a folder is not followed",
                        suggestion: "name the folder itself beside this one, if it holds resources", isWarning: true)
                case .folder?: folders.append(path)
                case nil where isLink:
                    log.report(
                        file: path, mark: .start, path: "", message: "the link leads nowhere",
                        suggestion: "mend it, or remove it")
                case nil: break
                case .file?, .other?:
                    // What is no file is reported when it is read.
                    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { files.append(path) }
                }
            }
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
