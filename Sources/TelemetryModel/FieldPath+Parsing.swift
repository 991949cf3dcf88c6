extension FieldPath {
    /// Keys and indexes in one path.
    public static let componentsMax = 64

    /// A path as a resource's author writes it: `userIdentity.principalId`, `requestParameters["x-y"]`,
    /// `resources[0].ARN`. `nil` when the text is no path. The reverse of `description`.
    public static func parse(_ text: String) -> FieldPath? {
        var scanner = PathScanner(bytes: Array(text.utf8))
        return scanner.path()
    }
}

/// Reads a path from left to right.
private struct PathScanner {
    let bytes: [UInt8]
    var place = 0

    mutating func path() -> FieldPath? {
        var components: [FieldPath.Component] = []
        while place < bytes.count {
            guard components.count < FieldPath.componentsMax else { return nil }
            if bytes[place] == UInt8(ascii: "[") {
                place += 1
                guard let component = bracketed() else { return nil }
                components.append(component)
                continue
            }
            if !components.isEmpty {
                guard bytes[place] == UInt8(ascii: ".") else { return nil }
                place += 1
            }
            guard let key = identifier() else { return nil }
            components.append(.key(key))
        }
        return components.isEmpty ? nil : FieldPath(components)
    }

    private mutating func identifier() -> String? {
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "."), bytes[place] != UInt8(ascii: "[") { place += 1 }
        let key = String(decoding: bytes[start..<place], as: UTF8.self)
        return FieldPath.isIdentifier(key) ? key : nil
    }

    private mutating func bracketed() -> FieldPath.Component? {
        guard place < bytes.count else { return nil }
        let quote = bytes[place]
        let component: FieldPath.Component
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            place += 1
            guard let key = quoted(by: quote) else { return nil }
            component = .key(key)
        } else {
            let start = place
            while place < bytes.count, (0x30...0x39).contains(bytes[place]), place - start < 9 { place += 1 }
            guard let index = Int(String(decoding: bytes[start..<place], as: UTF8.self)) else { return nil }
            component = .index(index)
        }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "]") else { return nil }
        place += 1
        return component
    }

    /// Up to the closing quote; a backslash takes the byte after it as it stands.
    private mutating func quoted(by quote: UInt8) -> String? {
        var key: [UInt8] = []
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == quote { return String(validating: key, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard place < bytes.count else { return nil }
                key.append(bytes[place])
                place += 1
            } else {
                key.append(byte)
            }
        }
        return nil
    }
}
