#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The names in a folder.
///
/// Foundation's own listing leaves out, without a word, names that are not UTF-8 and what comes after a failure.
struct UnsafeFolderReader {
    private(set) var names: [String] = []
    /// Names that are not UTF-8, with U+FFFD for what can't be read.
    private(set) var unreadableNames: [String] = []
    /// Why the names are not all there; 0 if they are.
    private(set) var failure: Int32 = 0

    /// Hidden names are left out.
    init(folder: String) {
        guard let stream = opendir(folder) else {
            failure = errno
            return
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            // The entry is the stream's, valid until the next call, and may be shorter than `dirent`: so the name, which
            // ends with a zero, is read where it stands and not by a copy of the whole.
            guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
            let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
            if name[0] == CChar(bitPattern: UInt8(ascii: ".")) { continue }
            if let text = String(validatingCString: name) {
                names.append(text)
            } else {
                unreadableNames.append(String(cString: name))
            }
        }
        failure = errno
    }
}
