import Decoding
import Statistics
import TelemetryModel

/// Metrics in protobuf: OTLP, alone or behind lengths, and Prometheus remote write under Snappy.
struct BinaryRecords {
    let format: InputFormat
    private(set) var expected: [Outcome] = []
    private(set) var bytes: [UInt8] = []

    init(bytesMin: Int, _ random: inout SeededGenerator) {
        format = random.pick([.otlp, .metricStreamOTLP, .prometheusRemoteWrite])
        var number = 0
        var message: [UInt8] = []
        repeat {
            number += 1
            let seconds = 1_768_467_600 + Int64(random.below(86_400))
            let time = Timestamp(nanoseconds: seconds * 1_000_000_000)
            if format == .prometheusRemoteWrite {
                message += BinaryRecords.series("m\(number)", seconds * 1000, Double(random.below(1000)))
                expected.append(.event(.metric, time, ["m\(number)", "absent"]))
            } else {
                message += BinaryRecords.point("m\(number)", seconds * 1_000_000_000, Double(random.below(1000)))
                expected.append(.event(.metric, time, ["m\(number)", "svc"]))
            }
            if format == .metricStreamOTLP, random.chance(0.3) {
                bytes += BinaryRecords.varint(message.count) + message
                message = []
            }
        } while bytes.count + message.count < bytesMin
        switch format {
        case .metricStreamOTLP where !message.isEmpty: bytes += BinaryRecords.varint(message.count) + message
        case .metricStreamOTLP: break
        case .prometheusRemoteWrite: bytes = BinaryRecords.snappy(message, &random)
        default: bytes = message
        }
    }

    // MARK: Protobuf

    private static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt64(value)
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    private static func field(_ number: Int, _ contents: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(contents.count) + contents
    }

    private static func text(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func fixed(_ number: Int, _ bits: UInt64) -> [UInt8] {
        varint(number << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
    }

    /// `resource_metrics` with one gauge of one point.
    private static func point(_ name: String, _ nanoseconds: Int64, _ value: Double) -> [UInt8] {
        let point = fixed(3, UInt64(nanoseconds)) + fixed(4, value.bitPattern)
        let metric = text(1, name) + field(5, field(1, point))
        let attribute = text(1, "service.name") + field(2, text(1, "svc"))
        return field(1, field(1, field(1, attribute)) + field(2, field(2, metric)))
    }

    /// `timeseries` with one sample.
    private static func series(_ name: String, _ milliseconds: Int64, _ value: Double) -> [UInt8] {
        let label = text(1, "__name__") + text(2, name)
        let sample = fixed(1, value.bitPattern) + varint(2 << 3) + varint(Int(milliseconds))
        return field(1, field(1, label) + field(2, sample))
    }

    /// A Snappy block of literals of any length, and copies where bytes repeat.
    private static func snappy(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var block = varint(bytes.count)
        var place = 0
        while place < bytes.count {
            // A copy of 4 to 11 bytes from less than 2048 bytes before.
            if place > 64, random.chance(0.5) {
                let offset = (1...min(place, 200)).first { distance in
                    place + 8 <= bytes.count
                        && bytes[place..<place + 8].elementsEqual(bytes[place - distance..<place - distance + 8])
                        && distance >= 8
                }
                if let offset {
                    block += [UInt8(offset >> 8) << 5 | (8 - 4) << 2 | 1, UInt8(offset & 0xFF)]
                    place += 8
                    continue
                }
            }
            let count = min(bytes.count - place, 1 + random.below(random.pick([8, 60, 300])))
            switch count {
            case ...60: block.append(UInt8(count - 1) << 2)
            case ...256: block += [60 << 2, UInt8(count - 1)]
            default: block += [61 << 2, UInt8((count - 1) & 0xFF), UInt8((count - 1) >> 8)]
            }
            block += bytes[place..<place + count]
            place += count
        }
        return block
    }
}
