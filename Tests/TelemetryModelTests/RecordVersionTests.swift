import JSON
import TelemetryModel
import Testing

/// The member by which readers of our own records know what they may believe.
@Suite struct RecordVersionTests {
    private func version(_ json: String) throws(JSONCursorError) -> Int? {
        var cursor = JSONCursor(Array(json.utf8))
        var version: Int?
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            if key == RecordVersion.member { version = try cursor.recordVersion() } else { try cursor.skipValue() }
        }
        return version
    }

    @Test(arguments: [RecordForm.first, .definitions]) func whatIsWrittenIsRead(_ form: RecordForm) throws {
        var json = JSONWriter()
        json.beginObject()
        json.member("a", "b")
        json.recordVersion(form)
        json.endObject()
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(text == #"{"a":"b","version":\#(form.rawValue)}"#)
        #expect(try version(text) == form.rawValue)
        #expect(form.tellsDefinitions == (form == .definitions))
        #expect(form.ofUndefined == .first, "both have one form of them")
    }

    @Test func theNextFormSaysMoreInEveryRecord() {
        var json = JSONWriter()
        json.beginObject()
        json.recordVersion(.next)
        json.endObject()
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"later":"not known before","version":3}"#)
        #expect(RecordForm.next.ofUndefined == .next && RecordForm.next.tellsDefinitions)
    }

    @Test(arguments: [
        (#"{"version":0}"#, "at byte 12: expected a version from 1"),
        (#"{"version":-1}"#, "at byte 13: expected a version from 1"),
        (#"{"version":"1"}"#, "at byte 11: expected a whole number"),
        (#"{"version":1.5}"#, "at byte 12: expected a whole number"),
        (
            #"{"version":3}"#,
            "the record is of version 3, and this release of Tidewatch reads up to version 2; a newer release wrote it, "
                + "and reads it"
        ),
    ]) func whatIsNoVersionOrANewerOneIsRefused(json: String, words: String) {
        let error = #expect(throws: JSONCursorError.self) { try version(json) }
        #expect(error?.description == words)
    }

    /// What is wrong with a newer form says nothing; that it is newer does, wherever the member stands.
    @Test func aFaultOfANewerRecordIsThatItIsNewer() {
        let fault = JSONCursorError(offset: 4, reason: .invalidNumber)
        func words(_ json: String) -> JSONCursorError.Reason { fault.orNewerVersion(of: Array(json.utf8)).reason }
        for json in [#"{"version":9,"a":x"#, #"{"a":[{"version":1}],"version":9}"#, #"{"version":9}"#] {
            #expect(words(json) == .newerVersion(9, newest: RecordVersion.newest), "\(json)")
        }
        // Of a known version, without one, no JSON, or broken before it: the fault stays.
        for json in [#"{"version":2}"#, "{}", "x", "", #"{"a":x,"version":9}"#, #"{"a":{"version":9}}"#] {
            #expect(words(json) == .invalidNumber, "\(json)")
        }
    }
}
