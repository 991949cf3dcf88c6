import Foundation
import TestSupport
import Testing

@testable import Files

/// What can't be written is said with the path and the reason, and what stood there stays.
@Suite struct OutputFailureTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func words(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no failure"
        } catch {
            return "\(error)".replacing(folder.root, with: "ROOT")
        }
    }

    // MARK: Files

    @Test func fullDeviceIsSaidAtTheNextFlushAndAtTheEnd() throws {
        let file = try FileWriter(path: "/dev/full")
        try file.write("few".utf8)
        #expect(words { try file.flush() } == "/dev/full: No space left on device")
        #expect(words { try file.close() } == "/dev/full: No space left on device")
        let large = try FileWriter(path: "/dev/full")
        let bytes = [UInt8](repeating: 0x78, count: 1 << 18)
        #expect(words { try large.write(bytes) } == "/dev/full: No space left on device")
        let gathered = try FileWriter(path: "/dev/full")
        #expect(words { try gathered.write(bytes.span.bytes) } == "/dev/full: No space left on device")
        let lines = try FileWriter(path: "/dev/full")
        #expect(words { for _ in 0..<2 { try lines.writeLine(bytes) } } == "/dev/full: No space left on device")
    }

    @Test func gatheredBytesAndLinesStandInTheirOrder() throws {
        let file = try FileWriter(path: folder.path("a"))
        try file.write("1,".utf8)
        try file.write(Array("2,".utf8).span.bytes)
        try file.writeLine("3".utf8)
        try file.close()
        #expect(try folder.text("a") == "1,2,3\n")
    }

    @Test func fileInAFolderThatIsNotThereIsRefused() {
        #expect(
            words { _ = try FileWriter(path: folder.path("gone/a")) }
                == "ROOT/gone/a: the file can't be written: No such file or directory")
    }

    @Test func somethingElseInThePlaceOfUnfinishedBytesIsRefused() throws {
        try folder.write("mine", to: "target")
        try folder.link("a.partial", to: "target")
        #expect(
            words { _ = try FileWriter(path: folder.path("a")) }
                == "ROOT/a.partial: it is a link, and would be needed; remove it")
        #expect(try folder.text("target") == "mine")
    }

    @Test func folderThatCameInBetweenIsNotReplaced() throws {
        let file = try FileWriter(path: folder.path("a"))
        try file.writeLine("x".utf8)
        try folder.write("mine", to: "a/b")
        #expect(words { try file.close() } == "ROOT/a: the file can't be put in its place: Is a directory")
        #expect(try folder.text("a/b") == "mine")
        // Nothing written is lost.
        #expect(try folder.text("a.partial") == "x\n")
    }

    @Test func onlyFilesFromBeforeAreRemoved() throws {
        try folder.write("x", to: "file")
        try folder.write("x", to: "below/file")
        try folder.link("link", to: "file")
        try folder.link("dangling", to: "gone")
        try folder.link("null", to: "/dev/null")
        for name in ["link", "dangling", "null"] { try FileWriter.removeFile(at: folder.path(name)) }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.root).sorted()
        #expect(left == ["below", "file", "null"])
        #expect(
            words { try FileWriter.removeFile(at: folder.path("below")) }
                == "ROOT/below: it is a folder, which is not written to; name a file")
    }

    // MARK: Folders

    @Test func folderIsMadeWithThoseAboveItAndTwiceIsOnce() throws {
        for _ in 0..<2 { try OutputFailure.makeFolder(folder.path("a/b/c")) }
        #expect(try FileEntry(folder.path("a/b/c"), followsLinks: false).kind == .folder)
    }

    @Test func whatIsInTheWayOfAFolderIsNamed() throws {
        try folder.write("x", to: "a/file")
        #expect(
            words { try OutputFailure.makeFolder(folder.path("a/file")) }
                == "ROOT/a/file: the folder can't be created: ROOT/a/file is a file")
        #expect(
            words { try OutputFailure.makeFolder(folder.path("a/file/b/c")) }
                == "ROOT/a/file/b/c: the folder can't be created: ROOT/a/file is a file")
        #expect(
            words { try OutputFailure.makeFolder("/dev/null/b") }
                == "/dev/null/b: the folder can't be created: /dev/null is a device")
        #expect(
            words { try OutputFailure.makeFolder("/proc/tidewatch") }
                == "/proc/tidewatch: the folder can't be created: No such file or directory")
    }

    @Test func scratchOfOnesOwnGoesWithItsOwnerAndThatOfOthersStays() throws {
        var path = ""
        do {
            let scratch = try ScratchFolder()
            path = scratch.path
            #expect(try FileEntry(path, followsLinks: false).mode == 0o700)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(path)/a"))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        try folder.write("x", to: "a")
        do { #expect(ScratchFolder(existing: folder.root).path == folder.root) }
        #expect(try folder.text("a") == "x")
    }
}
