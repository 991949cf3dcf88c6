import TelemetryModel

/// The columns of a flow log, in their order: from a header line, from settings, or version 2 by default.
public struct FlowLogFieldList: Sendable, Equatable {
    public enum Column: Sendable, Hashable {
        case field(FlowLogField)
        /// A name that no version known here has: its values are text, under the name with `_` for `-`.
        case other(String)

        /// The name in a decoded event: `account_id`.
        public var name: String {
            switch self {
            case .field(let field): field.rawValue
            case .other(let name): name
            }
        }
    }

    /// More columns than any version has, and few enough that a header line of names cannot grow without bound.
    public static let columnsMax = 256

    public let columns: [Column]

    public static let version2 = FlowLogFieldList(columns: FlowLogField.defaultFields.map(Column.field))

    private init(columns: [Column]) {
        self.columns = columns
    }

    /// Reads names between blanks or commas, with hyphens or underscores, bare or as AWS's templates write them: `${account-id}`.
    public init(_ text: some StringProtocol) throws(FlowLogFieldListError) {
        var columns: [Column] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "," || $0.isNewline || $0 == "\t" }) {
            var name = word[...]
            if name.hasPrefix("${"), name.hasSuffix("}") { name = name.dropFirst(2).dropLast() }
            guard let first = name.utf8.first, FlowLogFieldList.isLetter(first),
                name.utf8.allSatisfy(FlowLogFieldList.isNameByte)
            else { throw .notAName(String(word)) }
            let snake = String(name.map { $0 == "-" ? "_" : $0 })
            let column = FlowLogField(rawValue: snake).map(Column.field) ?? .other(snake)
            guard !columns.contains(column) else { throw .repeated(column.name) }
            guard columns.count < FlowLogFieldList.columnsMax else { throw .tooMany }
            columns.append(column)
        }
        guard !columns.isEmpty else { throw .empty }
        self.init(columns: columns)
    }

    /// Lower-case ASCII.
    @inline(__always)
    static func isLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }

    @inline(__always)
    static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F
    }
}

/// Why a text is no list of flow-log fields.
public enum FlowLogFieldListError: Error, Equatable, CustomStringConvertible {
    case empty
    case notAName(String)
    case repeated(String)
    case tooMany

    public var description: String {
        switch self {
        case .empty: "the field list names no field"
        case .notAName(let word):
            "'\(word)' is not a field name: expected lower-case letters, digits, '-' or '_', such as account-id"
        case .repeated(let name): "the field list names \(name) twice"
        case .tooMany: "the field list has more than \(FlowLogFieldList.columnsMax) fields"
        }
    }
}
