import Foundation
import JSON
import TelemetryModel
import Text

/// The lines of a file of dead letters: one for each record, also for one that comes in parts, which is written as it comes.
package struct DeadLetterLines {
    private var json = JSONWriter()
    /// Whether the payload of a record in parts is being written.
    private var isOpen = false

    package init() {}

    /// What `rejection` adds to the file.
    package mutating func take(_ rejection: borrowing Rejection, at position: SourcePosition) -> [UInt8] {
        var bytes: [UInt8] = []
        if rejection.part.beginsRecord { bytes = end() }
        json.removeAll()
        switch rejection.part {
        case .whole:
            DeadLetterRecord.write(rejection, at: position, to: &json)
            bytes += Inert.json(json.bytes)
            bytes.append(0x0A)
        case .first:
            json.beginObject()
            json.key("position")
            position.write(to: &json)
            json.member("reason", rejection.reason.rawValue)
            json.member("byte_offset", rejection.byteOffset)
            json.endObject()
            bytes += Inert.json(json.bytes).dropLast()
            bytes += #","payload":""#.utf8
            bytes += Data(copying: rejection.original).base64EncodedData()
            isOpen = true
        case .middle:
            bytes += Data(copying: rejection.original).base64EncodedData()
        case .last:
            bytes += Data(copying: rejection.original).base64EncodedData()
            bytes += close(rejection.detail)
        }
        return bytes
    }

    /// The end of a line whose record did not end, such as of a file that could not be read any further.
    package mutating func end() -> [UInt8] {
        isOpen ? close("a record above the limits, which was not read to its end") : []
    }

    private mutating func close(_ detail: String) -> [UInt8] {
        isOpen = false
        json.removeAll()
        json.beginObject()
        json.member("detail", detail)
        json.endObject()
        return Array("\",".utf8) + Inert.json(json.bytes).dropFirst() + [0x0A]
    }
}
