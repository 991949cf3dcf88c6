import Foundation

extension OutputFailure {
    /// Makes a folder and those above it, unless they are there. Says which file is in its way where one is: the
    /// system's own words name neither it nor the cause.
    public static func makeFolder(_ path: String) throws(OutputFailure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw OutputFailure(
                "\(path): the folder can't be created: \(obstacle(of: path) ?? cause(path) ?? error.localizedDescription)"
            )
        }
    }

    /// The nearest thing on the way to `path` that is no folder, where that is why.
    private static func obstacle(of path: String) -> String? {
        var above = path
        while !above.isEmpty, above != "/" {
            if let entry = try? FileEntry(above, followsLinks: true) {
                return entry.kind == .folder ? nil : "\(above) is \(entry.kind.words)"
            }
            above = (above as NSString).deletingLastPathComponent
        }
        return nil
    }

    /// The system's reason for the folder itself, by asking it once more: Foundation leaves it out.
    private static func cause(_ path: String) -> String? {
        mkdir(path, 0o777) == 0 ? nil : String(cString: strerror(errno))
    }
}
