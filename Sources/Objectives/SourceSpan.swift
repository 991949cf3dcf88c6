/// The records of one source partition or file from which a number was made: the first and the last of them.
///
/// Merging is taking the smallest first and the largest last, hence idempotent: a record read twice changes nothing.
public struct SourceSpan: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        case kafka(topic: String, partition: Int32)
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
}

extension SourceSpan.Source: Comparable {
    /// Files by name, then topics by name and partition.
    public static func < (left: SourceSpan.Source, right: SourceSpan.Source) -> Bool {
        switch (left, right) {
        case (.file(let left), .file(let right)): left < right
        case (.file, .kafka): true
        case (.kafka, .file): false
        case (.kafka(let left, let leftPartition), .kafka(let right, let rightPartition)):
            left == right ? leftPartition < rightPartition : left < right
        }
    }
}
