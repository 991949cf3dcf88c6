import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FileReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func chunks(of path: String) throws -> [[UInt8]] {
        var reader = try UnsafeFileReader(path: path)
        var chunks: [[UInt8]] = []
        while try reader.next({ chunk, _ in chunks.append(chunk.withUnsafeBytes { Array($0) }) }) {}
        return chunks
    }

    @Test func fileIsReadToItsLastByteInChunks() throws {
        let bytes = (0..<2 * UnsafeFileReader.chunkBytes + 17).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let read = try chunks(of: try folder.write(Data(bytes), to: "a"))
        #expect(read.map(\.count) == [UnsafeFileReader.chunkBytes, UnsafeFileReader.chunkBytes, 17])
        #expect(read.flatMap(\.self) == bytes)
        #expect(try chunks(of: try folder.write("", to: "empty")).isEmpty)
    }

    /// A gzip'd file makes the buffer larger; the pieces of what comes after it stay as they are.
    @Test func oneReaderGoesOnFromFileToFile() throws {
        let whole = try folder.write(Data([0x1F, 0x8B]) + Data(count: 3 * UnsafeFileReader.chunkBytes), to: "a.gz")
        let plain = try folder.write(Data(repeating: 7, count: 2 * UnsafeFileReader.chunkBytes + 1), to: "b")
        let small = try folder.write(Data([0x1F, 0x8B, 9]), to: "c.gz")
        var reader = UnsafeFileReader()
        var parts: [[Int]] = []
        var sevens = 0
        for path in [whole, plain, small, plain] {
            try reader.begin(path: path)
            parts.append([])
            while try reader.next({ chunk, isWhole in
                parts[parts.count - 1].append(isWhole ? -chunk.byteCount : chunk.byteCount)
                sevens += chunk.withUnsafeBytes { bytes in bytes.count { $0 == 7 } }
            }) {}
        }
        let pieces = [UnsafeFileReader.chunkBytes, UnsafeFileReader.chunkBytes, 1]
        #expect(parts == [[-(3 * UnsafeFileReader.chunkBytes + 2)], pieces, [-3], pieces])
        #expect(sevens == 2 * pieces.reduce(0, +))
        #expect(throws: UnsafeFileReader.Failure.self) { try reader.begin(path: folder.path("gone")) }
        try reader.begin(path: small)
        var counts: [Int] = []
        while try reader.next({ chunk, _ in counts.append(chunk.byteCount) }) {}
        #expect(counts == [3])
    }

    @Test func fileThatShrinksWhileItIsReadEndsEarly() throws {
        let path = try folder.write(Data(count: 3 * UnsafeFileReader.chunkBytes), to: "a")
        var reader = try UnsafeFileReader(path: path)
        var counts: [Int] = []
        #expect(try reader.next { chunk, _ in counts.append(chunk.byteCount) })
        #expect(truncate(path, off_t(UnsafeFileReader.chunkBytes + 5)) == 0)
        while try reader.next({ chunk, _ in counts.append(chunk.byteCount) }) {}
        #expect(counts == [UnsafeFileReader.chunkBytes, 5])
    }

    @Test func gzippedFileComesAtOnceUnlessItIsLargeOrChanges() throws {
        func parts(_ path: String, change: () -> Void = {}) throws -> [(Int, Bool)] {
            var reader = try UnsafeFileReader(path: path)
            change()
            var parts: [(Int, Bool)] = []
            while try reader.next({ chunk, isWhole in parts.append((chunk.byteCount, isWhole)) }) {}
            return parts
        }
        func file(of count: Int) throws -> String {
            try folder.write(Data([0x1F, 0x8B]) + Data(count: count - 2), to: "a.gz")
        }
        for count in [2, UnsafeFileReader.chunkBytes, 3 * UnsafeFileReader.chunkBytes + 1] {
            let parts = try parts(file(of: count))
            #expect(parts.map(\.0) == [count] && parts.map(\.1) == [true])
        }
        let large = try parts(file(of: UnsafeFileReader.wholeBytesMax + 1))
        #expect(large.map(\.0).reduce(0, +) == UnsafeFileReader.wholeBytesMax + 1)
        #expect(large.map(\.0).max() == UnsafeFileReader.chunkBytes && !large.map(\.1).contains(true))
        let path = try file(of: 1_000_000)
        let grown = try parts(path) { #expect(truncate(path, 1_000_100) == 0) }
        #expect(grown.map(\.0).reduce(0, +) == 1_000_100 && !grown.map(\.1).contains(true))
        let cut = try parts(path) { #expect(truncate(path, 500_000) == 0) }
        #expect(cut.map(\.0) == [500_000] && cut.map(\.1) == [true])
    }

    /// A folder opens, and fails at its first byte.
    @Test func whatCanNotBeReadIsSaidWithTheReason() throws {
        for (path, words) in [
            (folder.path("gone"), "open failed: No such file or directory"),
            (try folder.write("x", to: "file") + "/a", "open failed: Not a directory"),
            (folder.root, "read failed: Is a directory"),
        ] {
            #expect {
                _ = try chunks(of: path)
            } throws: {
                "\($0)" == "\(path): \(words)"
            }
        }
    }

    @Test func whatIsAtAPathIsNamed() throws {
        try folder.write("x", to: "file")
        try folder.link("link", to: "file")
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        func words(_ path: String) throws -> String { try FileEntry(path, followsLinks: false).kind.words }
        #expect(
            try ["file", "link", "pipe", ""].map { try words(folder.path($0)) } == [
                "a file", "a link", "a pipe", "a folder",
            ])
        #expect(try words("/dev/null") == "a device")
        #expect(try FileEntry(folder.path("link"), followsLinks: true).kind == .regular)
        #expect {
            try FileEntry(folder.path("gone"), followsLinks: true)
        } throws: {
            "\($0)" == "\(folder.path("gone")): No such file or directory"
        }
    }

    /// So that nobody writes over what is being read.
    @Test func inputIsKnownByAnyNameAndByAnOpenDescriptor() throws {
        try folder.write("x", to: "in/a")
        try folder.write("x", to: "b")
        try folder.link("link", to: "in/a")
        let inputs = try InputPaths([folder.path("in")])
        #expect(inputs.first(sameAs: folder.path("link")) == folder.path("in/a"))
        #expect(inputs.first(sameAs: folder.path("b")) == nil)
        #expect(inputs.first(sameAs: "/dev/null") == nil)
        let descriptor = open(folder.path("link"), O_RDONLY)
        try #require(descriptor >= 0)
        #expect(inputs.first(isOpenAs: descriptor) == folder.path("in/a"))
        close(descriptor)
        #expect(inputs.first(isOpenAs: -1) == nil)
    }
}
