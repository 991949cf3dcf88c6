import Testing

/// Each rule finds what it is there for, in text made for it, and leaves alone what is right.
struct RuleTests {
    private func file(_ text: String, at path: String = "Sources/Decoding/Word.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func manifest(_ targets: String) -> PackageManifest {
        PackageManifest(text: "let package = Package(name: \"x\", targets: [\n\(targets)\n])")
    }

    // MARK: Outputs

    @Test func whatIsPrintedPastTheConsoleIsFound() {
        let text = """
            print("a")
            try FileHandle.standardError.write(contentsOf: data)
            Console.print("a")
            process.standardOutput = pipe
            func print(_ line: String) {}
            """
        #expect(OutputRule.findings(in: [file(text)], homes: []).map(\.line) == [1, 2])
        #expect(OutputRule.findings(in: [file(text)], homes: ["Sources/Decoding/Word.swift"]) == [])
        #expect(OutputRule.findings(in: [file(text, at: "Tests/A.swift")], homes: []) == [])
    }

    // MARK: Imports

    private let twoStages = """
        .systemLibrary(name: "CZlib"),
        .target(name: "Model"),
        .target(name: "Decoding", dependencies: ["CZlib", "Model"]),
        .target(name: "Signals", dependencies: ["Decoding", "Model", .product(name: "Crypto", package: "swift-crypto")]),
        """
    private let table = ImportRule.Table(
        "Model:\nDecoding: CZlib Model # why\nSignals: Crypto Model", importers: ["CZlib": "Decoding"])

    private func imports(_ signals: String) -> [String] {
        let files = [
            file("import CZlib\n@testable import Model", at: "Sources/Decoding/A.swift"),
            file(signals, at: "Sources/Signals/B.swift"),
        ]
        return ImportRule.findings(files: files, manifest: manifest(twoStages), table: table).map(\.description)
    }

    @Test func importsThatTheTableAndTheManifestAllowAreRight() {
        let files = [
            file("import CZlib\nprivate import struct Model.Word", at: "Sources/Decoding/A.swift"),
            file("import Crypto\nimport Model // import Kafka", at: "Sources/Signals/B.swift"),
        ]
        let targets = manifest(twoStages.replacing("\"Decoding\", \"Model\", .product", with: "\"Model\", .product"))
        #expect(ImportRule.findings(files: files, manifest: targets, table: table) == [])
    }

    @Test func aStageThatImportsAStageIsFound() {
        let found = imports("import Crypto\nimport Model\nimport Decoding")
        #expect(found.count == 2)
        #expect(found[0].hasPrefix("Sources/Signals/B.swift:3: imports: 'Signals' may not import 'Decoding'"))
        #expect(found[1].hasPrefix("Sources/Signals/B.swift:3: imports: 'Signals' and 'Decoding' are stages"))
    }

    @Test func aSecondImporterOfALibraryInCIsFound() {
        #expect(
            imports("import Crypto\nimport Model\nimport CZlib").contains {
                $0.contains("is imported by 'Decoding' alone")
            })
    }

    @Test func anImportThatTheManifestDoesNotListIsFound() {
        #expect(imports("import Crypto\nimport Model\nimport Yams").contains { $0.contains("does not list 'Yams'") })
    }

    @Test func aDependencyAndAnAllowanceWithoutAnImportAreFound() {
        let found = imports("import Model")
        #expect(
            found.contains { $0.hasPrefix("Package.swift:5: ") && $0.contains("lists 'Crypto' and does not import it") }
        )
        #expect(found.contains { $0.contains("AllowedImports lets 'Signals' import 'Crypto'") })
    }

    @Test func aTargetWithoutALineAndALineWithoutATargetAreFound() {
        let found = ImportRule.findings(
            files: [], manifest: manifest(".target(name: \"New\")"), table: .init("Old:", importers: [:]))
        #expect(found.map(\.subject) == ["New New", "Old"])
    }

    // MARK: Sizes

    @Test func aFileOfMoreThan400LinesIsFound() {
        #expect(LengthRule.findings(in: [file(String(repeating: "\n", count: 400))]) == [])
        let found = LengthRule.findings(in: [file(String(repeating: "\n", count: 401))])
        #expect(
            found.map(\.description) == [
                "Sources/Decoding/Word.swift:401: length: 401 lines, at most 400: move its second idea to a file of its own."
            ])
    }

    @Test func aFunctionWithEightParametersIsFound() {
        let seven =
            "func a(_ a: [Int: Int] = [1: 2, 3: 4], b: Pair<Int, Int>, c: (Int, Int), d: Int, e: Int, f: Int, g: Int) {}"
        #expect(ParameterRule.findings(in: [file(seven)]) == [])
        let text = """
            struct Word {
                init?<Text>(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int, g: Text, h: () -> Void) where Text: Equatable {}
            }
            """
        let found = ParameterRule.findings(in: [file(text)])
        #expect(found.map(\.line) == [2])
        #expect(found.first?.advice.hasPrefix("'init' has 8 parameters") == true)
    }

    // MARK: Declarations that nothing uses

    private func unused(_ text: String, tests: String = "", instruments: Set<String> = []) -> [String] {
        UnusedRule.findings(
            sources: [file(text)], tests: [file(tests, at: "Tests/DecodingTests/WordTests.swift")],
            instruments: instruments
        ).map { "\($0.line) \($0.subject)\($0.advice.contains("tests only") ? " tests" : "")" }
    }

    @Test func declarationsOfEveryKindThatNothingUsesAreFound() {
        let text = """
            // word, letter, count, Syllable, vowel, sound and spell are nothing here, and "word" is not, either.
            struct Word {
                let letter: Int
                static var count = 0
                enum Syllable { case vowel(of: Int), consonant }
                func spell() { spell() }
            }
            typealias Sound = Int
            protocol Spelling { func spelled() async throws -> [Int]; var sounds: Int { get } }
            """
        #expect(
            unused(text) == [
                "2 Word", "3 letter", "4 count", "5 Syllable", "5 vowel", "5 consonant", "6 spell", "8 Sound",
                "9 Spelling",
                "9 spelled", "9 sounds",
            ])
    }

    @Test func whatIsUsedIsNotFound() {
        let text = #"""
            @main struct Word {
                private let letter: Int, next = 1
                var description: String { "\(letter) \(next)" }
                enum Letter: String { case first = "a", second = "b" }
                override func spell() { print(Letter(rawValue: "a")); [1].forEach(add); _ = Self.init; print(description) }
                func add(_ number: Int) { switch number { case let other: print(other as Int) } }
            }
            """#
        #expect(unused(text) == [])
    }

    @Test func aPropertyThatIsOnlySetIsFound() {
        let text = """
            @main struct Word {
                let letter: Int
                let other: Int
                init(letter: Int, other: Int) { self.letter = letter; self.other = other + 1 }
                static func two() { print(Word(letter: 1, other: 2)) }
                override func end() { Word.two(); print(other) }
            }
            """
        #expect(unused(text) == ["2 letter"])
    }

    @Test func anOverloadThatNoCallFitsIsFound() {
        let text = """
            @main struct Word {
                func add(_ letter: Int) {}
                func add(_ letter: Int, at place: Int) {}
                func add(word: Int, note: Int = 0, then: () -> Void) {}
                func add(words: Int...) {}
                override func end() { add(word: 1) { add(1) } }
            }
            """
        #expect(unused(text) == ["3 add", "5 add"])
    }

    @Test func whatOnlyTestsUseIsFound() {
        let text = "func spell() {}\nfunc speak() {}"
        #expect(unused(text, tests: "@Test func a() { spell() }") == ["1 spell tests", "2 speak"])
        #expect(unused(text, instruments: ["Sources/Decoding/Word.swift"]) == [])
    }

    // MARK: Sleeps, locks, generators

    @Test func aTestThatSleepsIsFound() {
        let text = """
            // usleep(1)
            func a() async throws {
                Thread.sleep(forTimeInterval: 1); usleep(3)
                try await Task.sleep(for: .seconds(1))
                _ = poll(nil, 0, 100)
                _ = poll(&descriptors, 1, 100)
                print("sleep(1)", isAsleep)
            }
            """
        let found = SleepRule.findings(in: [file(text, at: "Tests/A/B.swift")], homes: [])
        #expect(found.map(\.line) == [3, 3, 4, 5])
        #expect(SleepRule.findings(in: [file(text, at: "Tests/A/B.swift")], homes: ["Tests/A/B.swift"]) == [])
    }

    @Test func aSecondLockIsFoundAndSoIsAReasonThatNothingNeeds() {
        let text = "import Synchronization\nlet a = Mutex(0)\nlet b = NSLock()\nlet c = DispatchSemaphore(value: 0)"
        #expect(LockRule.findings(in: [file(text)], homes: []).map(\.line) == [3, 4])
        #expect(LockRule.findings(in: [file(text)], homes: ["Word.swift"]) == [])
        #expect(LockRule.findings(in: [file("")], homes: ["Word.swift"]).map(\.subject) == ["Word.swift"])
    }

    @Test func aSecondSeededGeneratorIsFound() {
        let text =
            "mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9\nlet golden: UInt64 = 0x9E37_79B9_7F4A_7C15"
        let home = "Sources/Model/Generator.swift"
        #expect(GeneratorRule.findings(in: [file(text), file(text, at: home)], home: home).map(\.line) == [1])
    }

    // MARK: The README

    @Test func targetsAndRowsWithoutTheOtherAreFound() {
        let readme = """
            | Field | Folder |
            |---|---|
            | `old` | `older` |

            | Folder | What it is |
            |---|---|
            | `Model`, `Gone` | words, `code` |
            """
        let targets = manifest(
            """
            .target(name: "Model"),
            .executableTarget(name: "fuzz", path: "Tests/Fuzz"),
            .testTarget(name: "ModelTests"),
            """)
        let found = ReadmeRule.findings(manifest: targets, readme: readme)
        #expect(
            found.map(\.description) == [
                "Package.swift:3: readme: the README's table has no row for `Tests/Fuzz`: write one.",
                "README.md:7: readme: `Gone` is no folder of a target of Package.swift: delete or rename its row.",
            ])
    }

    // MARK: Architecture

    @Test func aPathThatIsNotThereIsFound() {
        let page = """
            Read by `Model/Event.swift` and `Gone/Event.swift`; see `schemas/a.json`, `Type` and `a / b`.
            """
        let files: Set = ["Sources/Model/Event.swift", "schemas/a.json"]
        let found = ArchitectureRule.findings(in: page, isThere: files.contains)
        #expect(
            found.map(\.description) == [
                "docs/architecture.md:1: architecture: `Gone/Event.swift` is neither below Sources nor at the root: "
                    + "name the file that does it now."
            ])
    }

    @Test func aDrawingHasNoTargetThatIsNot() {
        let page = """
            # Page of Words
            ```text
              Kafka ──▶ Model ─▶ Gone, counted
            ```
            ```
            Other
            ```
            """
        let found = ArchitectureRule.findings(
            inDrawingOf: page, file: "README.md", targets: ["Model"], others: ["Kafka"])
        #expect(
            found.map(\.description) == [
                "README.md:3: architecture: 'Gone' in the drawing is no target of Package.swift: draw what there is."
            ])
    }

    // MARK: The lexer

    @Test func commentsAndStringsHoldNoWords() {
        let text = ##"""
            a /* b /* c */ d */ e // f
            "g \(h("i", j)) \" k" #"l " \#(m) \(n)"# """
            o " \(p)
            """ `q` 1...2 1.5
            """##
        let tokens = SwiftLexer.tokens(of: text)
        #expect(tokens.filter { $0.kind == .word }.map(\.text) == ["a", "e", "h", "j", "m", "p", "q"])
        #expect(tokens.filter { $0.kind == .number }.map(\.text) == ["1", "2", "1.5"])
        #expect(tokens.last?.line == 4)
    }
}
