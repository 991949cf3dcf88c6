import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct InputPathsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func found(_ paths: String...) throws -> (files: [String], notRead: [String]) {
        let inputs = try InputPaths(paths.map { $0 == "-" ? $0 : folder.path($0) })
        return (
            inputs.files.map { $0.replacing(folder.root + "/", with: "") },
            inputs.notRead.map { $0.description.replacing(folder.root + "/", with: "") }
        )
    }

    @Test func folderIsReadInTheOrderOfBytesWithoutHiddenFiles() throws {
        for name in ["b.log", "B.log", "a/z.log", "a.log", "é.log", ".hidden", ".git/x.log", "a/.y"] {
            try folder.write("x", to: name)
        }
        let (files, notRead) = try found("", "-", "b.log")
        #expect(files == ["B.log", "a.log", "a/z.log", "b.log", "é.log", "-", "b.log"])
        #expect(notRead.isEmpty)
    }

    @Test func linkToAFolderIsReadAsTheFolder() throws {
        try folder.write("x", to: "logs/a.log")
        try folder.link("link", to: "logs")
        #expect(try found("link").files == ["link/a.log"])
    }

    @Test func linksBelowAFolderAreFollowed() throws {
        try folder.write("x", to: "elsewhere/deep/a.log")
        try folder.write("x", to: "other/b.log")
        try folder.link("in/folder", to: "../elsewhere")
        try folder.link("in/b.log", to: "../other/b.log")
        #expect(try found("in").files == ["in/b.log", "in/folder/deep/a.log"])
    }

    /// A record must not count twice because a second name leads to it.
    @Test func whatIsFoundTwiceBelowAFolderIsReadOnceByItsOwnPath() throws {
        try folder.write("x", to: "in/day/a.log")
        try folder.link("in/Latest", to: "day")
        try folder.link("in/day/again.log", to: "a.log")
        try folder.link("in/day/up", to: "..")
        let (files, notRead) = try found("in")
        #expect(files == ["in/day/a.log"])
        #expect(notRead.isEmpty)
    }

    /// As it was asked for, but not without a word.
    @Test func whatIsNamedAgainIsReadAgainAndNoted() throws {
        try folder.write("x", to: "in/a.log")
        try folder.write("x", to: "in/b.log")
        #expect(link(folder.path("in/a.log"), folder.path("in/hard.log")) == 0)
        try folder.link("other", to: "in/b.log")
        let paths = try InputPaths(["in", "other", "in/a.log"].map(folder.path))
        #expect(paths.files.count == 5)
        #expect(
            paths.repeated.map { [$0.path, $0.first] }
                == [["in/hard.log", "in/a.log"], ["other", "in/b.log"], ["in/a.log", "in/a.log"]].map {
                    $0.map(folder.path)
                })
        #expect(try InputPaths([folder.path("in/b.log")]).repeated.isEmpty)
    }

    @Test func pipesAndDanglingLinksBelowAFolderAreNamedAndDoNotHoldTheOthersUp() throws {
        try folder.write("x", to: "in/a.log")
        #expect(mkfifo(folder.path("in/pipe"), 0o600) == 0)
        try folder.link("in/gone", to: "nothing")
        let (files, notRead) = try found("in")
        #expect(files == ["in/a.log"])
        #expect(
            notRead == [
                "in/gone: a link to nothing", "in/pipe: a pipe, which is read only where it is named itself",
            ])
    }

    @Test func nameThatIsNotUTF8IsSaid() throws {
        try folder.write("x", to: "in/a.log")
        let name = Array(folder.path("in/").utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        let descriptor = open(name, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        let (files, notRead) = try found("in")
        #expect(files == ["in/a.log"])
        #expect(notRead == ["in/\u{FFFD}: its name is not UTF-8"])
    }

    /// Not as root, whom no permission stops.
    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func whatMayNotBeReadIsNamed() throws {
        try folder.write("x", to: "in/a.log")
        try folder.write("x", to: "in/closed/b.log")
        try folder.write("x", to: "in/c.log")
        #expect(chmod(folder.path("in/closed"), 0) == 0)
        #expect(chmod(folder.path("in/c.log"), 0) == 0)
        defer { chmod(folder.path("in/closed"), 0o700) }
        let (files, notRead) = try found("in")
        #expect(files == ["in/a.log"])
        #expect(notRead == ["in/c.log: Permission denied", "in/closed: Permission denied"])
    }

    @Test func pathThatIsNotThereIsNamed() {
        #expect {
            try InputPaths(["/no/such/path"])
        } throws: {
            "\($0)" == "/no/such/path: no such file or folder"
        }
    }
}
