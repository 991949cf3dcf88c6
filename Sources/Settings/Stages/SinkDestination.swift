/// What an entry of `sinks` says under the key of its kind: where alerts go, and what requests carry to be believed.
///
/// The kinds are not known here. Whoever loads settings hands them over, so that one is whole in a file beside its sink.
package protocol SinkDestination: Sendable, Equatable {
    /// `webhook`: the entry's key.
    static var key: String { get }
    /// Where requests go.
    var address: String { get }
    var secret: Secret { get set }

    /// Reads what stands under the key. `nil` for what can't be, which is reported.
    init?(_ fields: MappingReader, _ files: SecretFiles)
}

extension SinkDestination {
    func isEqual(to other: any SinkDestination) -> Bool { self == other as? Self }
}
