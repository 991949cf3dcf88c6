import Foundation

/// The files that paths on the command line stand for, and what was found but is not read.
///
/// A count of what is in a folder has to say what is missing from it, so nothing but hidden files is left out without a word.
public struct InputPaths: Sendable {
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    /// Something below a folder that is not read, with the reason.
    public struct NotRead: Sendable, Equatable, CustomStringConvertible {
        public let path: String
        public let reason: String

        public var description: String { "\(path): \(reason)" }
    }

    public private(set) var files: [String] = []
    public private(set) var notRead: [NotRead] = []
    /// Files that are read again, because paths name them again or they have several names (hard links): each with the
    /// path by which it was read first. Right where it is meant, and else a number that is too large.
    public private(set) var repeated: [(path: String, first: String)] = []

    /// A file stands for itself, a folder for the files below it in the order of their paths, hidden ones left out,
    /// and `-` for standard input.
    ///
    /// Links below a folder are followed, but a file or folder that is found there twice is read once: a link named
    /// `latest` must not count a day again, nor a link to a folder above lead in circles.
    public init(_ paths: [String]) throws(Problem) {
        for path in paths {
            if path == "-" {
                files.append(path)
                continue
            }
            let entry: FileEntry
            do {
                entry = try FileEntry(path, followsLinks: true)
            } catch {
                throw Problem(
                    description: error.number == ENOENT ? "\(path): no such file or folder" : "\(error)")
            }
            guard entry.kind == .folder else {
                if entry.kind == .socket { throw Problem(description: "\(path): a socket can't be read as a file") }
                files.append(path)
                continue
            }
            var walk = FolderWalk()
            walk.enter(path, entry)
            walk.followLinks()
            if let failure = walk.notRead.first(where: { $0.path == path }) {
                throw Problem(description: failure.description)
            }
            // By bytes, not by locale: the order decides the output.
            files += walk.files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            notRead += walk.notRead.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        }
        noteRepeated()
    }

    private mutating func noteRepeated() {
        var first: [FileIdentity: String] = [:]
        for path in files where path != "-" {
            guard let entry = try? FileEntry(path, followsLinks: true), entry.kind == .regular else { continue }
            if let before = first[entry.identity] {
                repeated.append((path, before))
            } else {
                first[entry.identity] = path
            }
        }
    }
}

extension InputPaths {
    /// The first input that is the file at `path` by another name, or by the same. Devices and pipes have nothing to
    /// overwrite.
    public func first(sameAs path: String) -> String? {
        (try? FileEntry(path, followsLinks: true)).flatMap(first(sameAs:))
    }

    /// The first input that an open descriptor leads to.
    public func first(isOpenAs descriptor: Int32) -> String? {
        FileEntry(descriptor: descriptor).flatMap(first(sameAs:))
    }

    private func first(sameAs entry: FileEntry) -> String? {
        guard entry.kind == .regular else { return nil }
        return files.first { (try? FileEntry($0, followsLinks: true))?.identity == entry.identity }
    }
}

/// One folder with all below it: first what really lies there, then what links lead to.
private struct FolderWalk {
    var files: [String] = []
    var notRead: [InputPaths.NotRead] = []
    private var links: [String] = []
    private var seen: Set<FileIdentity> = []

    mutating func enter(_ folder: String, _ entry: FileEntry) {
        guard seen.insert(entry.identity).inserted else { return }
        for name in names(in: folder).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            take(path, followsLinks: false)
        }
    }

    /// After everything else, so that a file is read by its own path where it has one here.
    mutating func followLinks() {
        while !links.isEmpty {
            let found = links.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            links = []
            for link in found { take(link, followsLinks: true) }
        }
    }

    private mutating func take(_ path: String, followsLinks: Bool) {
        let entry: FileEntry
        do {
            entry = try FileEntry(path, followsLinks: followsLinks)
        } catch {
            let reason = followsLinks && error.number == ENOENT ? "a link to nothing" : error.reason
            return note(path, reason)
        }
        switch entry.kind {
        case .folder: enter(path, entry)
        case .link: links.append(path)
        case .regular:
            guard seen.insert(entry.identity).inserted || !followsLinks else { return }
            if access(path, R_OK) == 0 {
                files.append(path)
            } else {
                note(path, String(cString: strerror(errno)))
            }
        case .pipe, .characterDevice, .blockDevice, .socket, .other:
            note(path, "\(entry.kind.words), which is read only where it is named itself")
        }
    }

    private mutating func note(_ path: String, _ reason: String) {
        notRead.append(InputPaths.NotRead(path: path, reason: reason))
    }

    private mutating func names(in folder: String) -> [String] {
        let reader = UnsafeFolderReader(folder: folder)
        for name in reader.unreadableNames { note("\(folder)/\(name)", "its name is not UTF-8") }
        if reader.failure != 0 { note(folder, String(cString: strerror(reader.failure))) }
        return reader.names
    }
}
