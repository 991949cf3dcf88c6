import Foundation
import TestSupport

/// Gzip'd messages in members, of which those that are large and always the same are compressed once.
enum GzipMembers {
    /// A member that holds the text as it is: no more than 65,535 bytes.
    static func stored(_ text: String) -> Data {
        let bytes = Array(text.utf8)
        precondition(bytes.count <= Int(UInt16.max), "a stored block has two bytes for its length")
        let length = UInt16(bytes.count)
        var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1]
        for value in [length, ~length] { member += [UInt8(value & 0xFF), UInt8(value >> 8)] }
        member += bytes
        for value in [checksum(bytes), UInt32(length)] {
            for shift: UInt32 in [0, 8, 16, 24] { member.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return Data(member)
    }

    /// A member of any size, by gzip itself.
    static func compressed(_ text: String, in folder: TemporaryFolder) throws -> Data {
        try toolOutput(["gzip", "-nc", folder.write(text, to: "member")])
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
