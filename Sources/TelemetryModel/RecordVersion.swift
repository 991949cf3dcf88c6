import CNextVersion
import JSON

/// The version of the form of Tidewatch's own records: registers, checkpoints, monitors' states, windows, alerts.
///
/// Each record says it in its member `version`, and one that doesn't is of the first. A reader takes what it knows, and
/// stops at what is newer: to read half of it would be to count half of it. The member stands last, because readers of
/// the first version recognise windows by what stands in front.
public enum RecordVersion {
    /// Of the records of 0.1.0, which did not yet say it.
    public static let first = 1
    /// The newest that is known here: 2, or 3 in a binary that stands for the next release.
    public static let newest = RecordForm.definitions.rawValue + Int(tidewatch_versions_more())
    public static let member = "version"
}

/// In which form own records are written, where more than one is known.
public enum RecordForm: Int, Sendable, Comparable {
    /// As 0.1.0 reads them.
    case first = 1
    /// Updates and windows say by which definition an objective was counted. Their names for what 0.1.0 needs are others than its
    /// own, so that it takes nothing of them for its own counts.
    case definitions = 2
    /// As the next release may have it: the same with a member that this one doesn't know, in every record. Only a binary that
    /// is built to stand for that release reads and writes it, so that this one can be tried beside one more.
    case next = 3

    public static func < (left: RecordForm, right: RecordForm) -> Bool { left.rawValue < right.rawValue }

    public var tellsDefinitions: Bool { self >= .definitions }

    /// Whether this is a binary that stands for the next release.
    public static var isNextKnown: Bool { RecordVersion.newest >= next.rawValue }

    /// Whether an update may tell the state of its source.
    public var tellsSourceState: Bool { self >= .definitions }

    /// Whether event time is told for each kind of event. A shard whose records can't has one for all, because 0.1.0 takes what was
    /// judged of one objective for judged of all.
    public var tellsTimeByKind: Bool { self >= .definitions }

    /// Whether updates say when what is late arrived, and slices are judged by it. Else they are judged once, by all that is counted.
    public var tellsArrivals: Bool { self >= .definitions }

    /// Whether the slices of updates are told as plain numbers.
    public var numbersSlices: Bool { self >= .definitions }

    /// Of records that have the same form in the first two versions: they say the first one, which 0.1.0 reads.
    public var ofUndefined: RecordForm { self == .next ? .next : .first }
}

extension JSONWriter {
    /// Ends a record.
    public mutating func recordVersion(_ form: RecordForm) {
        if form == .next { member("later", "not known before") }
        member(RecordVersion.member, form.rawValue)
    }
}

extension JSONCursor {
    /// The value of the member `version`.
    ///
    /// - Throws: also for a version that is newer than what is known here.
    @discardableResult
    public mutating func recordVersion() throws(JSONCursorError) -> Int {
        let start = offset
        let version: Int = try integer()
        guard version >= RecordVersion.first else { throw refusal("a version from \(RecordVersion.first)") }
        guard version <= RecordVersion.newest else {
            throw JSONCursorError(offset: start, reason: .newerVersion(version, newest: RecordVersion.newest))
        }
        return version
    }
}

extension JSONCursorError {
    /// That a record is of a newer version, where its bytes say so; else this error.
    ///
    /// What is wrong with a newer record's form says nothing to who reads it; that it is newer does.
    public func orNewerVersion(of bytes: [UInt8]) -> JSONCursorError {
        var cursor = JSONCursor(bytes)
        do throws(JSONCursorError) {
            try cursor.beginObject()
            while let key = try cursor.nextKey() {
                if key == RecordVersion.member { try cursor.recordVersion() } else { try cursor.skipValue() }
            }
        } catch {
            if case .newerVersion = error.reason { return error }
        }
        return self
    }
}
