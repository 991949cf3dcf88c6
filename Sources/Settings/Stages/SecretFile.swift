import Foundation
import Synchronization

/// A file that a secret was read from. What it holds may change while the process runs: who uses the secret follows it.
public final class SecretFile: Sendable {
    /// Why a file holds no secret.
    public enum Fault: Error, CustomStringConvertible, Sendable {
        case unreadable
        case empty

        public var description: String {
            switch self {
            case .unreadable: "it can't be read as text of at most \(SecretFile.bytesMax) bytes"
            case .empty: "it is empty"
            }
        }
    }

    /// Bytes of a secret at most; more is no secret but a wrong path.
    static let bytesMax = 65_536

    public let path: String
    private let state: Mutex<State>

    private struct State {
        var current: String
        var followers: [@Sendable (Secret) throws -> Void] = []
    }

    init(_ path: String) throws(Fault) {
        self.path = path
        state = Mutex(State(current: try SecretFile.text(at: path)))
    }

    public var current: Secret { Secret(state.withLock { $0.current }, file: self) }

    /// Has `follower` called with each new secret. One that throws refuses it, and the former one stays.
    public func follow(_ follower: @escaping @Sendable (Secret) throws -> Void) {
        state.withLock { $0.followers.append(follower) }
    }

    /// Reads the file again.
    ///
    /// - Returns: whether it holds another secret, which all that follow it have now.
    /// - Throws: ``Fault``, or what a follower says against the secret.
    public func reread() throws -> Bool {
        let text = try SecretFile.text(at: path)
        let (former, followers) = state.withLock { ($0.current, $0.followers) }
        if text == former { return false }
        for follower in followers { try follower(Secret(text, file: self)) }
        state.withLock { $0.current = text }
        return true
    }

    /// Without the line break at its end: editors write one, and all other blanks may be part of the secret.
    private static func text(at path: String) throws(Fault) -> String {
        // A pipe would wait for its writer, a device might never end.
        guard ConfigurationFiles.kind(of: path) == .file, let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: bytesMax + 1), data.count <= bytesMax,
            let text = String(validating: data, as: UTF8.self)
        else { throw .unreadable }
        let value = text.hasSuffix("\n") || text.hasSuffix("\r\n") ? String(text.dropLast()) : text
        if value.isEmpty { throw .empty }
        return value
    }
}
