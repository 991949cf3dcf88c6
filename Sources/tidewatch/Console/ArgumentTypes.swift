import ArgumentParser
import Objectives
import TelemetryModel
import Text

// Values of options that need more than a type's own reading: what is refused is said together with what a good one
// looks like. None of them is `ExpressibleByArgument`, whose refusal can't say that.

extension Timestamp {
    /// `2026-03-02T10:00:00Z`, of an option.
    @Sendable static func argument(_ text: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError("write a time of RFC 3339 with its zone, such as 2026-03-02T10:00:00Z")
        }
        return time
    }
}

/// A length of time, such as `90s`, `5m`, `1h` or `30d`.
struct DurationArgument {
    let nanoseconds: Int64

    @Sendable static func argument(_ text: String) throws -> DurationArgument {
        guard let nanoseconds = try? DurationText.nanoseconds(text) else {
            throw ValidationError(
                "write a whole number and one unit of w, d, h, m, s or ms, such as 3d or 90s, of 292 years at most")
        }
        return DurationArgument(nanoseconds: nanoseconds)
    }
}

/// A number of bytes from 1 KiB to 4 GiB, as settings write them: `65536`, `64MiB`.
struct ByteCount: CustomStringConvertible {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    @Sendable static func argument(_ text: String) throws -> ByteCount {
        let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)]
        let unit = units.first { text.hasSuffix($0.0) }
        if let number = Int(text.dropLast(unit?.0.count ?? 0)), (1...4 << 30).contains(number) {
            let bytes = number.multipliedReportingOverflow(by: 1 << (unit?.1 ?? 0))
            if !bytes.overflow, (1 << 10...4 << 30).contains(bytes.partialValue) {
                return ByteCount(bytes.partialValue)
            }
        }
        throw ValidationError("write from 1KiB to 4GiB, such as 65536, 512KiB or 16MiB")
    }

    var description: String { bytes % (1 << 20) == 0 ? "\(bytes >> 20)MiB" : "\(bytes)" }
}

/// How a table is printed.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
}
