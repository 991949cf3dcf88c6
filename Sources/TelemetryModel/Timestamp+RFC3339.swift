import JSON

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many of three, six or nine fraction digits as the value needs, and none where it can.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(30)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the description. Records have a time for each slice, and are written by the million.
    public func append(to bytes: inout [UInt8]) {
        let seconds = self.seconds
        let fraction = Int(nanoseconds &- seconds &* Timestamp.nanosecondsPerSecond)
        let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds + 1) / 86_400 - 1)
        let secondOfDay = Int(seconds) - day * 86_400
        // In 64 bits of nanoseconds every year has four digits.
        let date = CivilDate(daysSinceEpoch: day)
        func appendPair(_ value: Int) {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value / 10))
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
        }
        func append(_ value: Int, _ width: Int) {
            var unit = 1
            for _ in 1..<width { unit *= 10 }
            var rest = value
            while unit > 0 {
                bytes.append(0x30 + UInt8(truncatingIfNeeded: rest / unit))
                rest %= unit
                unit /= 10
            }
        }
        appendPair(date.year / 100)
        appendPair(date.year % 100)
        bytes.append(0x2D)
        appendPair(date.month)
        bytes.append(0x2D)
        appendPair(date.day)
        bytes.append(0x54)
        appendPair(secondOfDay / 3600)
        bytes.append(0x3A)
        appendPair(secondOfDay / 60 % 60)
        bytes.append(0x3A)
        appendPair(secondOfDay % 60)
        if fraction != 0 {
            bytes.append(0x2E)
            if fraction % 1_000_000 == 0 {
                append(fraction / 1_000_000, 3)
            } else if fraction % 1000 == 0 {
                append(fraction / 1000, 6)
            } else {
                append(fraction, 9)
            }
        }
        bytes.append(0x5A)
    }

    /// Parses RFC 3339 with any offset and any number of fraction digits (those past the ninth are cut), and a second
    /// of 60, which counts as the next minute's first. `nil` for what is malformed or out of range.
    public init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        func digits(_ from: Int, _ count: Int) -> Int? {
            guard from + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[from..<from + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, [0x54, 0x74, 0x20].contains(bytes[10]),
            bytes[13] == 0x3A, bytes[16] == 0x3A,
            let year = digits(0, 4), let month = digits(5, 2), let day = digits(8, 2),
            let hour = digits(11, 2), let minute = digits(14, 2), let second = digits(17, 2),
            hour < 24, minute < 60, second <= 60, let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var place = 19
        var fraction: Int64 = 0
        if bytes[place] == 0x2E {
            place += 1
            let start = place
            var scale: Int64 = 100_000_000
            while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
                fraction += Int64(bytes[place] - 0x30) * scale
                scale /= 10
                place += 1
            }
            if place == start { return nil }
        }
        var offsetMinutes = 0
        guard place < bytes.count else { return nil }
        switch bytes[place] {
        case 0x5A, 0x7A:
            place += 1
        case 0x2B, 0x2D:
            guard place + 6 == bytes.count, bytes[place + 3] == 0x3A, let hours = digits(place + 1, 2),
                let minutes = digits(place + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (bytes[place] == 0x2B ? 1 : -1) * (hours * 60 + minutes)
            place += 6
        default:
            return nil
        }
        guard place == bytes.count else { return nil }
        let minutesOfDay = hour * 60 + minute - offsetMinutes
        guard let whole = Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(minutesOfDay * 60 + second))
        else { return nil }
        let (sum, overflow) = whole.nanoseconds.addingReportingOverflow(fraction)
        if overflow { return nil }
        self.init(nanoseconds: sum)
    }
}

extension JSONWriter {
    /// A time's description, which has nothing to escape.
    public mutating func time(_ time: Timestamp) {
        value { bytes in
            bytes.append(0x22)
            time.append(to: &bytes)
            bytes.append(0x22)
        }
    }
}
