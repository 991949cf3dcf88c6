/// The records of one source partition or file from which a number was made: the first and the last of them.
///
/// Merging is taking the smallest first and the largest last, hence idempotent: a record read twice changes nothing.
public struct SourceSpan: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// A topic that was deleted and made anew counts its offsets from the start; each instance of it is an incarnation.
        case kafka(topic: String, partition: Int32, incarnation: Int32 = 0)
        case file(name: String)
    }

    public var source: Source
    /// An offset, or a zero-based index in a file.
    public var first: Int64
    public var last: Int64

    public init(source: Source, first: Int64, last: Int64) {
        self.source = source
        self.first = first
        self.last = last
    }

    /// The span of both, which are of one source.
    func merged(with other: SourceSpan) -> SourceSpan {
        SourceSpan(source: source, first: min(first, other.first), last: max(last, other.last))
    }
}

extension SourceSpan.Source: Comparable {
    /// Files by name, then topics by name, partition and incarnation.
    public static func < (left: SourceSpan.Source, right: SourceSpan.Source) -> Bool {
        switch (left, right) {
        case (.file(let left), .file(let right)): left < right
        case (.file, .kafka): true
        case (.kafka, .file): false
        case (.kafka(let left, let leftPartition, let leftLife), .kafka(let right, let rightPartition, let rightLife)):
            (left, leftPartition, leftLife) < (right, rightPartition, rightLife)
        }
    }
}
