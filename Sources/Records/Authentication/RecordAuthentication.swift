import TelemetryModel
import Text

/// Why a record of our own is not believed.
public enum MACFault: String, Sendable, CaseIterable {
    /// It carries no code.
    case missing
    /// Its code is not the one that its key makes of it.
    case wrong
    /// Its code is by a key that this process was not given.
    case unknownKey = "unknown_key"
}

/// How records of our own are signed, and which of them are believed.
///
/// What it says of a record depends on the record, the keys and `requiredSince`, and on nothing that a reader has read before or
/// on its clock. So all members that have the same of these believe the same records, whenever and from wherever they
/// read; see "Trust" in docs/accounting.md.
public struct RecordAuthentication: Sendable, Equatable {
    /// The header with the code: the form, the key's identifier and the code itself, with dots between.
    package static let header = "tidewatch_mac"
    private static let form: Substring = "1"

    private let signing: MACKey
    private let keys: [String: MACKey]
    private let requiredSince: Timestamp?

    /// - Parameters:
    ///   - signing: by which records are written, and believed.
    ///   - verifying: by which records are believed too: the one before, or the next.
    ///   - requiredSince: what the broker took before that is believed without a code, and by a key that is not known any more.
    public init(signing: MACKey, verifying: [MACKey] = [], requiredSince: Timestamp? = nil) {
        self.signing = signing
        keys = Dictionary((verifying + [signing]).map { ($0.identifier, $0) }, uniquingKeysWith: { $1 })
        self.requiredSince = requiredSince
    }

    /// The header's value for a record that is to be written.
    package func headerValue(for text: AuthenticatedText) -> String {
        "\(RecordAuthentication.form).\(signing.identifier).\(Hexadecimal.text(signing.code(of: text)))"
    }

    /// - Parameters:
    ///   - header: the value of the record's header, where it has one.
    ///   - writtenAt: the record's own time; `nil` where the broker keeps none.
    ///   - text: asked for where there is something to hold against it.
    /// - Returns: `nil` for a record that is believed.
    package func fault(of header: [UInt8]?, writtenAt: Timestamp?, _ text: () -> AuthenticatedText) -> MACFault? {
        guard let header else { return isExempt(writtenAt) ? nil : .missing }
        let parts = String(decoding: header, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == RecordAuthentication.form, let code = Hexadecimal.bytes(parts[2]) else {
            return .wrong
        }
        guard let key = keys[String(parts[1])] else { return isExempt(writtenAt) ? nil : .unknownKey }
        return key.isRight(code, of: text()) ? nil : .wrong
    }

    private func isExempt(_ writtenAt: Timestamp?) -> Bool {
        guard let requiredSince, let writtenAt else { return false }
        return writtenAt < requiredSince
    }
}
