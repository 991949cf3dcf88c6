import TelemetryModel

/// What is wrong with a line, before it is put into words.
struct FlowLogFault {
    enum Cause {
        case fieldCount(found: Int)
        case notAnInteger
        case integerTooLarge
        case notAnAddress
        case unknownAction
        case unknownLogStatus
        case controlCharacter
        case invalidUTF8
        case noTime
        case timeOutOfRange
        /// A time in 1970.
        case timeUnset
        /// The header before the line was refused.
        case noFieldList
        case tooLong(bytes: Int)
        case fieldList(FlowLogFieldListError)
    }

    let cause: Cause
    /// The column, where one is to blame.
    let column: Int
    /// From the start of the payload.
    let offset: Int
}

extension FlowLogFault {
    var reason: RejectionReason {
        switch cause {
        case .fieldCount: .wrongFieldCount
        case .notAnInteger, .notAnAddress, .unknownAction, .unknownLogStatus, .controlCharacter, .fieldList:
            .invalidField
        case .integerTooLarge, .timeOutOfRange, .timeUnset: .outOfRange
        case .noFieldList: .refusedHeader
        case .invalidUTF8: .invalidUTF8
        case .noTime: .missingField
        case .tooLong: .tooLarge
        }
    }

    func detail(for list: FlowLogFieldList, limits: DecodingLimits) -> String {
        let name = column < list.columns.count ? list.columns[column].name : ""
        return switch cause {
        case .fieldCount(let found):
            "the line has \(found) fields, expected the \(list.columns.count) of its field list"
        case .notAnInteger: "\(name) is not a whole number"
        case .integerTooLarge: "\(name) is larger than the field can hold"
        case .notAnAddress: "\(name) is not an IPv4 or IPv6 address"
        case .unknownAction: "\(name) is neither ACCEPT nor REJECT"
        case .unknownLogStatus: "\(name) is none of OK, NODATA and SKIPDATA"
        case .controlCharacter: "a control character inside a line"
        case .invalidUTF8: "the line is not valid UTF-8"
        case .noTime:
            "the line has neither start nor end, and no CloudWatch Logs event or Kafka record around it has a time"
        case .timeOutOfRange: "the time is past the year 2262"
        case .timeUnset: "the time is in 1970: start and end are seconds since then"
        case .noFieldList: "the header line before it was refused, so that nobody can say what its fields are"
        case .tooLong(let bytes): "the line has \(bytes) bytes, and the limit is \(limits.recordBytesText)"
        case .fieldList(let error): "a header line that can't be read: \(error)"
        }
    }
}
