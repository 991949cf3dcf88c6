import TelemetryModel

/// Reading the few members of an envelope that matter. `self` is a valid JSON value.
extension RawSpan {
    /// The place of the value under `name`, quotes and brackets included.
    func member(_ name: StaticString, of kind: JSONReader.Kind) throws(EnvelopeFault) -> Range<Int> {
        guard let range = try optionalMember(name, of: kind) else {
            throw EnvelopeFault(.missingField, "the envelope has no \(name)")
        }
        return range
    }

    func optionalMember(_ name: StaticString, of kind: JSONReader.Kind) throws(EnvelopeFault) -> Range<Int>? {
        do {
            var reader = JSONReader(self, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let isWanted = reader.isEqual(key, name)
                let found = try reader.kind()
                let range = try reader.skipValue()
                guard isWanted else { continue }
                guard found == kind else {
                    throw EnvelopeFault(
                        .invalidField, "\(name) of the envelope is not of the kind expected: \(kind)",
                        at: range.lowerBound)
                }
                return range
            }
            return nil
        } catch let fault as EnvelopeFault {
            throw fault
        } catch let error as JSONError {
            throw EnvelopeFault(error)
        } catch {
            throw EnvelopeFault(.invalidJSON, "\(error)")
        }
    }

    /// Of a CloudWatch Logs event: the place of its message, and its time.
    func logEvent() throws(EnvelopeFault) -> (message: Range<Int>, time: Timestamp?) {
        var message: Range<Int>?
        var time: Timestamp?
        do throws(JSONError) {
            var reader = JSONReader(self, nestingMax: DecodingLimits.nestingCeiling)
            try reader.beginObject()
            // In AWS's order, id, timestamp, message, nothing is read twice or for nothing.
            while message == nil || time == nil, let key = try reader.nextKey() {
                if message == nil, reader.isEqual(key, "message"), try reader.kind() == .string {
                    message = try reader.skipValue()
                } else if reader.isEqual(key, "timestamp"), try reader.kind() == .number {
                    let number = try reader.number()
                    let milliseconds = try? integer(in: number.range, isInteger: number.isInteger) as Int64
                    time = milliseconds.flatMap { Timestamp(milliseconds: $0) }
                } else {
                    try reader.skipValue()
                }
            }
        } catch {
            throw EnvelopeFault(error)
        }
        guard let message else { throw EnvelopeFault(.missingField, "the envelope has no message") }
        return (message, time)
    }

    /// The places of an array's elements.
    func elements() throws(EnvelopeFault) -> [Range<Int>] {
        do throws(JSONError) {
            var reader = JSONReader(self, nestingMax: DecodingLimits.nestingCeiling)
            var places: [Range<Int>] = []
            try reader.beginArray()
            while try reader.nextElement() { places.append(try reader.skipValue()) }
            return places
        } catch {
            throw EnvelopeFault(error)
        }
    }

    /// Whether the string at `range` means exactly `text`.
    func isString(at range: Range<Int>, _ text: StaticString) throws(EnvelopeFault) -> Bool {
        do throws(JSONError) {
            var reader = JSONReader(self, at: range.lowerBound)
            let string = try reader.string()
            return reader.isEqual(string, text)
        } catch {
            throw EnvelopeFault(error)
        }
    }

    /// Appends what the string at `range` means.
    func appendString(at range: Range<Int>, to output: inout [UInt8]) throws(EnvelopeFault) {
        do throws(JSONError) {
            var reader = JSONReader(self, at: range.lowerBound)
            let string = try reader.string()
            if string.hasEscapes {
                reader.unescape(string, into: &output)
            } else {
                unsafe extracting(string.contents).withUnsafeBytes { unsafe output.append(contentsOf: $0) }
            }
        } catch {
            throw EnvelopeFault(error)
        }
    }

    var firstBackslash: Int? {
        var place = 0
        while place < byteCount {
            if byte(place) == 0x5C { return place }
            place += 1
        }
        return nil
    }
}
