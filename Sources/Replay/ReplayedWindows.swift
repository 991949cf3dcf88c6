import Files
import Objectives
import Text

/// The windows that a replay wrote: a record a line, taken in as they are read.
package struct ReplayedWindows {
    package enum Failure: Error, CustomStringConvertible {
        case unreadable(UnsafeFileReader.Failure)
        /// Of which nobody knows where it ends.
        case notRegular(path: String, FileEntry.Kind)
        case line(Int, path: String, WindowRecordError)

        package var description: String {
            switch self {
            case .unreadable(let failure): "\(failure)"
            case .notRegular(let path, let kind): "\(path): \(kind.words), and no file that a replay wrote"
            case .line(let number, let path, let error): "\(path):\(number): \(error)"
            }
        }
    }

    package private(set) var history = WindowHistory()
    private var reader = WindowRecordReader()
    /// What came of a line that has not ended.
    private var line: [UInt8] = []
    private var lineCount = 0
    private var fault: WindowRecordError?

    package init(path: String) throws(Failure) {
        if let kind = (try? FileEntry(path, followsLinks: true))?.kind, kind != .regular {
            throw .notRegular(path: path, kind)
        }
        do throws(UnsafeFileReader.Failure) {
            var file = try UnsafeFileReader(path: path)
            while fault == nil, try file.next({ bytes, _ in take(bytes) }) {}
        } catch {
            throw .unreadable(error)
        }
        endLine()
        if let fault { throw .line(lineCount, path: path, fault) }
    }

    private mutating func take(_ bytes: RawSpan) {
        var start = 0
        for place in 0..<bytes.byteCount where bytes.byte(place) == 0x0A {
            append(bytes, start..<place)
            endLine()
            start = place + 1
        }
        append(bytes, start..<bytes.byteCount)
    }

    private mutating func append(_ bytes: RawSpan, _ range: Range<Int>) {
        line.append(addingCapacity: range.count) { free in
            for place in range { free.append(bytes.byte(place)) }
        }
    }

    private mutating func endLine() {
        if fault != nil { return }
        lineCount += 1
        if line.isEmpty { return }
        do throws(WindowRecordError) { history.add(try reader.read(line)) } catch { fault = error }
        line.removeAll(keepingCapacity: true)
    }
}
