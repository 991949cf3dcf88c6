import Files

/// The files that a command reads, from the paths of its command line.
struct Inputs {
    private let paths: InputPaths

    var files: [String] { paths.files }

    /// A path that does not exist is a failure with status 1; standard output that is one of the files, status 2.
    init(_ paths: [String]) throws {
        do {
            self.paths = try InputPaths(paths)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
        if files.isEmpty {
            Console.error("nothing to read: no file but hidden ones below \(paths.joined(separator: ", "))")
        }
        if let same = self.paths.first(isOpenAs: Console.outputDescriptor) {
            throw CommandFailure(.misused, "standard output goes to the input \(same); write to another file")
        }
        warnOfRepeated()
    }

    /// Says at once what will be counted more than once, as it is named.
    private func warnOfRepeated() {
        let shown = 3
        for (path, first) in paths.repeated.prefix(shown) {
            Console.error(
                path == first
                    ? "\(path) is named more than once, and read each time"
                    : "\(path) is the same file as \(first), and read again")
        }
        let rest = paths.repeated.count - shown
        if rest > 0 { Console.error("\(rest) more \(rest == 1 ? "file is" : "files are") read again") }
    }

    /// Ends with status 2 where an option names a file that is an input, before it is opened: that would empty it.
    func refuseOverwriting(_ output: String, by option: String) throws {
        guard let same = paths.first(sameAs: output) else { return }
        throw CommandFailure(
            .misused, "\(option): \(output) is the input \(same), which it would overwrite; name another file")
    }

    /// Says what was found and not read, and then ends with status 1: a result without it is not the whole.
    func reportNotRead() throws {
        if paths.notRead.isEmpty { return }
        for entry in paths.notRead { Console.error("not read: \(entry)") }
        let count = paths.notRead.count
        throw CommandFailure(
            .failed, "\(count) of \(files.count + count) inputs \(count == 1 ? "was" : "were") not read")
    }
}
