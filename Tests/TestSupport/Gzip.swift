/// gzip without compression: deflate's stored blocks, so that tests need no compressor.
public func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var place = 0
    repeat {
        let end = min(place + 0xFFFF, bytes.count)
        let length = UInt16(end - place)
        output.append(end == bytes.count ? 1 : 0)
        for word in [length, ~length] { output += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
        output += bytes[place..<end]
        place = end
    } while place < bytes.count
    for word in [crc32(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
        for shift in [0, 8, 16, 24] as [UInt32] { output.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return output
}

/// A gzip member of `count` zeros, about a thousandth of that in size: one symbol of deflate's fixed code stands for 258.
public func gzipBomb(of count: Int) -> [UInt8] {
    precondition(count % 258 == 1, "one literal and then runs of 258")
    var bits: [UInt8] = []
    var current: UInt8 = 0
    var filled: UInt8 = 0
    func put(_ bit: UInt8) {
        current |= bit << filled
        filled += 1
        if filled == 8 {
            bits.append(current)
            current = 0
            filled = 0
        }
    }
    // Last block, fixed codes; the literal 0 is the code 00110000.
    for bit in [1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0] as [UInt8] { put(bit) }
    // Length 258 is the code 11000101, distance 1 the code 00000.
    for _ in 0..<count / 258 { for bit in [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0] as [UInt8] { put(bit) } }
    for _ in 0..<7 { put(0) }
    while filled != 0 { put(0) }
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] + bits
    let zeros = [UInt8](repeating: 0, count: count)
    for word in [crc32(zeros), UInt32(truncatingIfNeeded: count)] {
        for shift in [0, 8, 16, 24] as [UInt32] { output.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return output
}

private let crcTable: [UInt32] = (0..<256).map { (start: UInt32) -> UInt32 in
    var value = start
    for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    return value
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes { crc = crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    return ~crc
}
