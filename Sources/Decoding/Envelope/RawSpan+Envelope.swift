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
