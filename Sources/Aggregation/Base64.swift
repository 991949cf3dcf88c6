import Text

/// Base64 with its standard alphabet (RFC 4648, section 4), without Foundation.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding: UInt8 = 0x3D
    /// Each character's six bits, 255 for what is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// One character for each value, which must be below 64. Four values are three bytes, so that a multiple of four of
    /// them is base64 without padding of their bits one after the other.
    static func characters(ofSixBits sixBits: [UInt8]) -> [UInt8] {
        let alphabet = alphabet
        return sixBits.map { alphabet[Int($0)] }
    }

    /// The values that characters represent; `nil` when one is none of the alphabet.
    static func sixBits(ofCharacters characters: some Sequence<UInt8>) -> [UInt8]? {
        let values = values
        let sixBits = characters.map { values[Int($0)] }
        return sixBits.contains(255) ? nil : sixBits
    }

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var sixBits: [UInt8] = []
        sixBits.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let second = start + 1 < bytes.count ? bytes[start + 1] : 0
            let third = start + 2 < bytes.count ? bytes[start + 2] : 0
            sixBits += [
                bytes[start] >> 2, (bytes[start] & 3) << 4 | second >> 4, (second & 15) << 2 | third >> 6, third & 63,
            ]
        }
        var text = characters(ofSixBits: sixBits)
        let padded = (3 - bytes.count % 3) % 3
        for place in (text.count - padded)..<text.count { text[place] = padding }
        return text
    }

    /// `nil` for what no encoder writes: a length that is no multiple of four, strange characters, bits that are lost.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var characters = Array(text)
        guard characters.count % 4 == 0 else { return nil }
        var padded = 0
        while padded < 2, characters.last == padding {
            characters.removeLast()
            padded += 1
        }
        guard var sixBits = sixBits(ofCharacters: characters) else { return nil }
        sixBits += [UInt8](repeating: 0, count: padded)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sixBits.count / 4 * 3)
        for start in stride(from: 0, to: sixBits.count, by: 4) {
            bytes += [
                sixBits[start] << 2 | sixBits[start + 1] >> 4, sixBits[start + 1] << 4 | sixBits[start + 2] >> 2,
                sixBits[start + 2] << 6 | sixBits[start + 3],
            ]
        }
        guard bytes.suffix(padded).allSatisfy({ $0 == 0 }) else { return nil }
        bytes.removeLast(padded)
        return bytes
    }
}
