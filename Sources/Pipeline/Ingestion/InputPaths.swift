import Foundation

/// The files that paths on the command line stand for.
public enum InputPaths {
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    /// A file stands for itself, a folder for the files below it in the order of their paths, hidden ones left out,
    /// and `-` for standard input.
    public static func expand(_ paths: [String]) throws(Problem) -> [String] {
        var files: [String] = []
        for path in paths {
            if path == "-" {
                files.append(path)
                continue
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Problem(description: "\(path): no such file or folder")
            }
            guard isFolder.boolValue else {
                files.append(path)
                continue
            }
            // A link to a folder is the folder; the enumerator itself would not follow it.
            let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard let below = FileManager.default.enumerator(atPath: folder) else {
                throw Problem(description: "\(path): the folder can't be read")
            }
            var found: [String] = []
            for case let name as String in below {
                let full = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
                let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
                var isNested: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: full, isDirectory: &isNested)
                if !isHidden, !isNested.boolValue { found.append(full) }
            }
            // By bytes, not by locale: the order decides the output.
            files += found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        return files
    }
}
