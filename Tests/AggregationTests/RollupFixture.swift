import Testing

import Aggregation
import TelemetryModel

/// A field's value in a test, apart from any payload.
enum FieldSample: Hashable {
    case absent, null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case arenaText(String)
    case json(String)
}

struct SampleEvent {
    /// Nanoseconds since the epoch.
    var time: Int64
    var fields: [FieldSample]
}

/// A rollup over flow-log events whose fields stand in the order of the projection.
struct RollupFixture {
    let plan: CompiledRollup
    let projection: Projection

    static let names = ["interface_id", "action", "srcaddr", "bytes", "dstport", "log_status"]

    static func path(_ name: String) -> FieldPath { FieldPath([.key(name)]) }

    init(
        groupBy: [String], measures: [MeasureDefinition], filter: String? = nil, top: TopDefinition? = nil,
        groupsMax: Int = RollupDefinition.defaultGroupsMax, window: Int64 = 60_000_000_000
    ) throws {
        var builder = ProjectionBuilder(kind: .vpcFlow)
        for name in RollupFixture.names { _ = builder.slot(for: RollupFixture.path(name)) }
        var definition = RollupDefinition(
            name: "r", source: .vpcFlow, windowNanoseconds: window, filter: filter,
            groupBy: groupBy.map(RollupFixture.path), measures: measures, top: top)
        definition.groupsMax = groupsMax
        plan = try CompiledRollup(definition, projection: &builder)
        projection = builder.projection
    }

    func engine(_ events: [SampleEvent]) -> RollupEngine {
        var engine = RollupEngine(plan)
        feed(events, to: &engine)
        return engine
    }

    func feed(_ events: [SampleEvent], to engine: inout RollupEngine, batchCapacity: Int = 50) {
        var place = 0
        while place < events.count {
            let part = events[place..<min(place + batchCapacity, events.count)]
            place += part.count
            var payload: [UInt8] = []
            var batch = EventBatch(projection: projection, capacity: batchCapacity)
            for event in part {
                batch.beginRow()
                for (slot, field) in event.fields.enumerated() {
                    switch field {
                    case .absent: break
                    case .null: batch.set(slot, .null)
                    case .bool(let value): batch.set(slot, .bool(value))
                    case .integer(let value): batch.set(slot, .integer(value))
                    case .double(let value): batch.set(slot, .double(value))
                    case .text(let text):
                        batch.set(slot, .text(offset: payload.count, length: text.utf8.count))
                        payload += text.utf8
                    case .json(let text):
                        batch.set(slot, .place(.json, offset: payload.count, length: text.utf8.count))
                        payload += text.utf8
                    case .arenaText(let text):
                        batch.set(slot, .place(.arenaText, offset: batch.arenaCount, length: text.utf8.count))
                        for byte in text.utf8 { batch.appendToArena(byte) }
                    }
                }
                batch.commitRow(
                    time: Timestamp(nanoseconds: event.time), place: RecordPlace(index: 0, offset: 0, length: 0))
            }
            let bytes = payload.span.bytes
            engine.update(batch, payload: bytes)
        }
    }

    /// What the changes of any engines add up to, as CSV.
    func csv(adding changes: [RollupChange]) throws -> String {
        var engine = RollupEngine(plan)
        for change in changes {
            let isAdded = engine.restore(change)
            try #require(isAdded)
        }
        return csv(engine)
    }

    /// Everything that the engine holds, as CSV.
    func csv(_ engine: borrowing RollupEngine) -> String {
        var bytes = RollupCSVWriter.header(plan)
        var writer = RollupCSVWriter()
        for start in engine.windowStarts {
            guard let window = engine.peekWindow(start) else { continue }
            writer.write(window) { span in for index in 0..<span.byteCount { bytes.append(span.unsafeByte(index)) } }
        }
        writer.finish { span in for index in 0..<span.byteCount { bytes.append(span.unsafeByte(index)) } }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RawSpan {
    func unsafeByte(_ index: Int) -> UInt8 { unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}

func measure(_ name: String, _ kind: MeasureDefinition.Kind, filter: String? = nil) -> MeasureDefinition {
    MeasureDefinition(name: name, kind: kind, filter: filter)
}
