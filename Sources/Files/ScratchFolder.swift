import Foundation

/// Where a replay puts what it has no room for in memory: in the folder of its results while those are not whole, or in one of
/// its own, which goes with this object.
package final class ScratchFolder {
    package let path: String
    private let isOwn: Bool

    /// One that somebody else made, and takes away.
    package init(existing path: String) {
        self.path = path
        isOwn = false
    }

    package init() throws {
        path = "\(NSTemporaryDirectory())/tidewatch-replay-\(UUID().uuidString)"
        isOwn = true
        do {
            // What events hold is nobody else's to read.
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OutputFailure("\(path): the folder can't be created: \(error.localizedDescription)")
        }
    }

    deinit {
        if isOwn { try? FileManager.default.removeItem(atPath: path) }
    }
}
