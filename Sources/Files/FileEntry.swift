import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a file is on its disk, whatever path leads to it.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let node: UInt64
}

/// What stands at a path.
package struct FileEntry: Sendable {
    package enum Kind: Sendable {
        case regular, folder, link, pipe, characterDevice, blockDevice, socket, other

        package var words: String {
            switch self {
            case .regular: "a file"
            case .folder: "a folder"
            case .link: "a link"
            case .pipe: "a pipe"
            case .characterDevice, .blockDevice: "a device"
            case .socket: "a socket"
            case .other: "no regular file"
            }
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let path: String
        package let number: Int32

        package var reason: String { String(cString: strerror(number)) }
        package var description: String { "\(path): \(reason)" }
    }

    package let kind: Kind
    package let identity: FileIdentity
    /// How many names the file has.
    package let names: Int
    /// The permission bits.
    package let mode: mode_t

    /// - Parameter followsLinks: look at what a link leads to, not at the link.
    package init(_ path: String, followsLinks: Bool) throws(Failure) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            throw Failure(path: path, number: errno)
        }
        self.init(status)
    }

    /// What an open descriptor leads to; `nil` where it is closed.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            case S_IFSOCK: .socket
            default: .other
            }
        identity = FileIdentity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
        names = Int(status.st_nlink)
        mode = status.st_mode & 0o7777
    }
}
