import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FileWriterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ text: String, to name: String) throws {
        let file = try FileWriter(path: folder.path(name))
        try file.writeLine(text.utf8)
        try file.close()
    }

    private func kind(_ name: String) throws -> FileEntry.Kind {
        try FileEntry(folder.path(name), followsLinks: false).kind
    }

    @Test func fileIsInItsPlaceOnlyWhenItIsWhole() throws {
        try folder.write("before\n", to: "a")
        let file = try FileWriter(path: folder.path("a"))
        try file.writeLine("after".utf8)
        try file.flush()
        #expect(try folder.text("a") == "before\n")
        #expect(try folder.text("a.partial") == "after\n")
        try file.close()
        #expect(try folder.text("a") == "after\n")
        #expect(!FileManager.default.fileExists(atPath: folder.path("a.partial")))
    }

    @Test func fileKeepsItsPermissions() throws {
        try folder.write("", to: "a")
        #expect(chmod(folder.path("a"), 0o640) == 0)
        try write("x", to: "a")
        #expect(try FileEntry(folder.path("a"), followsLinks: true).mode == 0o640)
    }

    @Test func linkIsWrittenThrough() throws {
        try folder.write("before, and longer\n", to: "target")
        try folder.link("link", to: "target")
        try write("x", to: "link")
        #expect(try kind("link") == .link)
        #expect(try folder.text("target") == "x\n")
    }

    @Test func fileWithTwoNamesKeepsBoth() throws {
        try folder.write("before\n", to: "a")
        try FileManager.default.linkItem(atPath: folder.path("a"), toPath: folder.path("b"))
        try write("x", to: "a")
        #expect(try folder.text("b") == "x\n")
    }

    @Test func deviceStaysADevice() throws {
        try #require(try FileEntry("/dev/null", followsLinks: false).kind == .characterDevice)
        let file = try FileWriter(path: "/dev/null")
        try file.writeLine("x".utf8)
        try file.close()
        #expect(try FileEntry("/dev/null", followsLinks: false).kind == .characterDevice)
    }

    @Test func pipeIsWrittenTo() throws {
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        // Open for both, so that neither side waits for the other.
        let descriptor = open(folder.path("pipe"), O_RDWR)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try write("x", to: "pipe")
        #expect(try FileHandle(fileDescriptor: descriptor).read(upToCount: 2) == Data("x\n".utf8))
        #expect(try kind("pipe") == .pipe)
    }

    @Test func folderIsRefused() throws {
        #expect {
            try FileWriter(path: folder.root)
        } throws: {
            "\($0)" == "\(folder.root): it is a folder, which is not written to; name a file"
        }
    }

    @Test func secondWriterOfAFileIsRefused() throws {
        let first = try FileWriter(path: folder.path("a"))
        try first.writeLine("x".utf8)
        #expect {
            try FileWriter(path: folder.path("a"))
        } throws: {
            "\($0)".hasSuffix("another process is writing it")
        }
        try first.close()
        #expect(try folder.text("a") == "x\n")
    }

    @Test func fileFromBeforeIsRemovedAndADeviceIsNot() throws {
        try folder.write("x", to: "port")
        try FileWriter.removeFile(at: folder.path("port"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("port")))
        try FileWriter.removeFile(at: folder.path("port"))
        try FileWriter.removeFile(at: "/dev/null")
        #expect(try FileEntry("/dev/null", followsLinks: false).kind == .characterDevice)
    }
}
