@testable import Records

extension CheckpointRecord {
    /// With the states that are known in production.
    init(json: [UInt8]) throws { try self.init(json: json, states: [MonitorRecord.self]) }
}
