import TelemetryModel

extension WindowRecord {
    /// What a record's key says of it, for records that can't be read.
    public struct Identity: Sendable, Equatable {
        public let objective: String
        /// Where the block begins.
        public let start: Timestamp

        package init(objective: String, start: Timestamp) {
            self.objective = objective
            self.start = start
        }

        /// Reads a `compactionKey`: objectives' names and groups may hold slashes, and a time holds none.
        public init?(key: String) {
            let parts = key.split(separator: "/", omittingEmptySubsequences: false)
            guard let place = parts.indices.dropFirst().last(where: { Timestamp(rfc3339: String(parts[$0])) != nil }),
                let start = Timestamp(rfc3339: String(parts[place]))
            else { return nil }
            // No name has a bracket, with which a group begins.
            let group = parts[..<place].firstIndex { $0.hasPrefix("[") }
            objective = parts[..<(group ?? place)].joined(separator: "/")
            self.start = start
        }
    }
}
