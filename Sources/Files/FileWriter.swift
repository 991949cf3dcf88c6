import Foundation

/// Writes one output file in large pieces.
///
/// A regular file appears whole: until `close` its bytes stand beside it under a name that ends with `.partial`, so what
/// a killed run leaves behind can't pass for a result, and the file from before stays until there is a new one. A
/// device, a pipe, and what a link leads to are written in place, as a shell would: replacing `/dev/null` by a file is
/// what nobody wants.
public final class FileWriter {
    private static let flushBytes = 256 * 1024

    private let handle: FileHandle
    private let path: String
    /// Where the bytes are until the file is whole; `nil` where they go to their place at once.
    private let partial: String?
    private var pending: [UInt8] = []

    public init(path: String) throws(OutputFailure) {
        self.path = path
        let entry = try FileWriter.entry(at: path)
        if entry.map({ $0.kind == .regular && $0.names == 1 }) ?? true, entry == nil || access(path, W_OK) == 0,
            let handle = try FileWriter.openPartial(of: path, mode: entry?.mode ?? 0o666)
        {
            partial = path + ".partial"
            self.handle = handle
            return
        }
        partial = nil
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o666)
        guard descriptor >= 0 else { throw FileWriter.failure(path, "can't be written") }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Removes a regular file, or a link to one, from an earlier run. What it is else stays, and is an error unless it can be
    /// written in place.
    public static func removeFile(at path: String) throws(OutputFailure) {
        guard let entry = try entry(at: path), entry.kind == .regular || entry.kind == .link else { return }
        if (try? FileEntry(path, followsLinks: true))?.kind ?? .regular != .regular { return }
        guard unlink(path) == 0 else { throw failure(path, "from before can't be removed") }
    }

    /// What stands at the path already; throws where it is nothing to write to.
    private static func entry(at path: String) throws(OutputFailure) -> FileEntry? {
        guard let entry = try? FileEntry(path, followsLinks: false) else { return nil }
        switch entry.kind {
        case .folder, .blockDevice, .socket, .other:
            throw OutputFailure("\(path): it is \(entry.kind.words), which is not written to; name a file")
        case .regular, .link, .pipe, .characterDevice: return entry
        }
    }

    /// `nil` where the folder takes no new file, but the file itself may be written.
    private static func openPartial(of path: String, mode: mode_t) throws(OutputFailure) -> FileHandle? {
        let name = path + ".partial"
        if let entry = try? FileEntry(name, followsLinks: false), entry.kind != .regular {
            throw OutputFailure("\(name): it is \(entry.kind.words), and would be needed; remove it")
        }
        let descriptor = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw OutputFailure("\(path): another process is writing it")
        }
        guard ftruncate(descriptor, 0) == 0 else { throw failure(name, "can't be emptied") }
        return handle
    }

    private static func failure(_ path: String, _ words: String) -> OutputFailure {
        OutputFailure("\(path): the file \(words): \(String(cString: strerror(errno)))")
    }

    public func write(_ bytes: some Collection<UInt8>) throws(OutputFailure) {
        pending.append(contentsOf: bytes)
        if pending.count >= FileWriter.flushBytes { try flush() }
    }

    package func write(_ bytes: RawSpan) throws(OutputFailure) {
        // Already gathered by who calls, so it goes out as it is.
        try flush()
        do {
            try handle.write(contentsOf: Data(copying: bytes))
        } catch {
            throw failure(error)
        }
    }

    public func writeLine(_ bytes: some Collection<UInt8>) throws(OutputFailure) {
        pending.append(contentsOf: bytes)
        pending.append(0x0A)
        if pending.count >= FileWriter.flushBytes { try flush() }
    }

    public func flush() throws(OutputFailure) {
        guard !pending.isEmpty else { return }
        do {
            try handle.write(contentsOf: pending)
        } catch {
            throw failure(error)
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Writes what is left, and puts the file in its place.
    public func close() throws(OutputFailure) {
        try flush()
        if let partial, rename(partial, path) != 0 { throw FileWriter.failure(path, "can't be put in its place") }
        do {
            try handle.close()
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> OutputFailure {
        let kept = partial.map { "; what was written so far is in \($0)" } ?? ""
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        let words = cause.map { String(cString: strerror(Int32($0.code))) } ?? error.localizedDescription
        return OutputFailure("\(path): \(words)\(kept)")
    }
}
