import TelemetryModel

/// The columns of a flow log, in their order: from a header line, from settings, or version 2 by default.
public struct FlowLogFieldList: Sendable, Equatable {
    public enum Column: Sendable, Hashable {
        case field(FlowLogField)
        /// A name that no version known here has: its values are text, under the name with `_` for `-`.
        case other(String)
        /// A header line's second column of a name: nobody can say which of the two is meant, so that the first counts and
        /// this one is skipped.
        case repeated(String)

        /// The name in a decoded event: `account_id`.
        public var name: String {
            switch self {
            case .field(let field): field.rawValue
            case .other(let name), .repeated(let name): name
            }
        }
    }

    /// What is between two fields.
    enum Separator: UInt8, Sendable {
        case blank = 0x20
        case comma = 0x2C
        case tab = 0x09
    }

    /// More columns than any version has, and few enough that a header line of names cannot grow without bound.
    public static let columnsMax = 256
    /// Bytes of a name: several times the longest that there is.
    static let nameBytesMax = 128

    public let columns: [Column]
    /// Of the lines below a header that is written so itself.
    let separator: Separator

    public static let version2 = FlowLogFieldList(
        columns: FlowLogField.defaultFields.map(Column.field), separator: .blank)

    private init(columns: [Column], separator: Separator) {
        self.columns = columns
        self.separator = separator
    }

    /// Reads names as settings and the command line give them: between blanks or commas, with hyphens or underscores, bare or
    /// as AWS's templates write them: `${account-id}`. A name that is given twice is refused.
    public init(_ text: some StringProtocol) throws(FlowLogFieldListError) {
        let words = text.split { $0 == " " || $0 == "," || $0.isNewline || $0 == "\t" }
        columns = try FlowLogFieldList.columns(of: words.map { Substring($0) }, mayRepeat: false)
        separator = .blank
    }

    /// Reads a header line. Beside what settings may say: quotes around names, capitals, and lines whose fields are between
    /// commas or tabs. Of a name that is given twice the first column counts.
    init(header line: some StringProtocol) throws(FlowLogFieldListError) {
        // Files that were put after one another have their byte order marks in between.
        let line = line.hasPrefix("\u{FEFF}") ? Substring(line.dropFirst()) : Substring(line)
        separator = line.contains(",") ? .comma : line.contains("\t") ? .tab : .blank
        let words: [Substring]
        switch separator {
        case .blank: words = line.split(whereSeparator: \.isWhitespace).map { Substring($0) }
        case .comma, .tab:
            let mark = Character(UnicodeScalar(separator.rawValue))
            words = line.split(separator: mark, omittingEmptySubsequences: false).map {
                FlowLogFieldList.trimmed(Substring($0))
            }
        }
        columns = try FlowLogFieldList.columns(of: words, mayRepeat: true)
    }

    private static func columns(
        of words: [Substring], mayRepeat: Bool
    ) throws(FlowLogFieldListError) -> [Column] {
        var columns: [Column] = []
        var seen: Set<Column> = []
        for word in words {
            let column = try column(of: word)
            guard columns.count < columnsMax else { throw .tooMany }
            if seen.insert(column).inserted {
                columns.append(column)
            } else if mayRepeat {
                columns.append(.repeated(column.name))
            } else {
                throw .repeated(column.name)
            }
        }
        guard !columns.isEmpty else { throw .empty }
        return columns
    }

    private static func column(of word: Substring) throws(FlowLogFieldListError) -> Column {
        var name = word
        for quote in ["\"", "'"] where name.count >= 2 && name.hasPrefix(quote) && name.hasSuffix(quote) {
            name = name.dropFirst().dropLast()
        }
        if name.hasPrefix("${"), name.hasSuffix("}") { name = name.dropFirst(2).dropLast() }
        let snake = name.lowercased().replacing("-", with: "_")
        guard snake.utf8.count <= nameBytesMax, let first = snake.utf8.first, isLetter(first),
            snake.utf8.allSatisfy(isNameByte)
        else { throw .notAName(word.count > 40 ? "\(word.prefix(40))…" : String(word)) }
        return FlowLogField(rawValue: snake).map(Column.field) ?? .other(snake)
    }

    private static func trimmed(_ word: Substring) -> Substring {
        var word = word
        while word.first?.isWhitespace == true { word.removeFirst() }
        while word.last?.isWhitespace == true { word.removeLast() }
        return word
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
    /// At most 40 characters of what is there.
    case notAName(String)
    case repeated(String)
    case tooMany

    public var description: String {
        switch self {
        case .empty: "the field list names no field"
        case .notAName(let word):
            "'\(word)' is not a field name: expected at most \(FlowLogFieldList.nameBytesMax) letters, digits, '-' or '_', "
                + "such as account-id"
        case .repeated(let name): "the field list names \(name) twice"
        case .tooMany: "the field list has more than \(FlowLogFieldList.columnsMax) fields"
        }
    }
}
