/// Why an expression was refused when it was loaded, and what to do about it.
public struct ExpressionProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A sentence for the expression's author: what is wrong, and what to write instead.
    public let message: String
    /// Bytes of UTF-8 before the place of the fault.
    public let utf8Offset: Int
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int

    public init(message: String, utf8Offset: Int, line: Int, column: Int) {
        self.message = message
        self.utf8Offset = utf8Offset
        self.line = line
        self.column = column
    }

    /// Finds line and column of `offset` in `source`.
    init(_ message: String, at offset: Int, in source: [UInt8]) {
        var line = 1
        var column = 1
        for byte in source.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(message: message, utf8Offset: min(offset, source.count), line: line, column: column)
    }

    public var description: String { "\(line):\(column): \(message)" }
}
