import Testing

/// What is wrong with a file before it is a resource.
@Suite struct YAMLTextTests {
    @Test func aSyntaxErrorHasItsLineAndHidesNoOtherDocument() {
        let text = """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: a
            spec: 1
            ---
            \(rollup(fields: "measures: [{name: n, counts: true}]"))
            ---
            kind: "unclosed
            """
        let found = problems(of: text)
        #expect(found.count == 4, "\(found)")
        #expect(found[0].hasPrefix("r.yaml:4:"), "\(found[0])")
        #expect(found[0].contains("not valid YAML"))
        #expect(
            found.contains("r.yaml:12:24: spec.measures[0].counts: unknown key \"counts\"; did you mean \"count\"?"))
        #expect(found[3].hasPrefix("r.yaml:14:"), "\(found[3])")
    }

    @Test func repeatedKeysAreReportedAtTheirPlaceAndTheRestIsChecked() {
        let text = """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: a}
            spec:
              source: VPCFlow
              window: 1m
              window: 2m
              window: 3m
              measures: [{name: n, count: maybe}]
            """
        #expect(
            problems(of: text) == [
                "r.yaml:7:3: .: the key \"window\" stands more than once in this mapping; keep one of them",
                "r.yaml:8:3: .: the key \"window\" stands more than once in this mapping; keep one of them",
                "r.yaml:9:31: spec.measures[0].count: \"maybe\" is neither true nor false; write true or false",
            ])
    }

    @Test func repeatedKeysOfAFlowMappingAreReported() {
        #expect(
            problems(of: rollup(fields: "measures: [{name: n, count: true, name: m}]")) == [
                "r.yaml:7:15: .: the key \"name\" stands more than once in this mapping; keep one of them"
            ])
    }

    @Test func anchorsAndAliasesAreRead() {
        let text = """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: a}
            spec:
              source: VPCFlow
              window: 1m
              filter: &ok event.log_status == "OK"
              measures: [{name: n, count: true, filter: *ok}]
            """
        #expect(problems(of: text).isEmpty)
    }

    @Test func anAliasBombIsRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        #expect(
            problems(of: text) == [
                "r.yaml:1:1: .: the document nests deeper than 64 levels or holds more than 100000 values, aliases "
                    + "expanded; make it smaller, or remove aliases of aliases"
            ])
    }

    @Test func anAliasBombAsAKeyIsRefusedBeforeItIsHashed() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        for key in ["? *a12\n: x\n", "*a12 : x\n", "[*a12, y]: x\n", "b: {? *a12 : x}\n", "? - *a12\n: x\n"] {
            let found = problems(of: bomb + key)
            #expect(
                found == [
                    "r.yaml:14:1: .: a mapping's key holds an alias; write the key out in place of the alias"
                ], "\(key)")
        }
    }

    @Test func deepNestingIsRefused() {
        for depth in [70, 900, 20_000, 400_000] {
            let found = problems(of: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
            #expect(found.count == 1 && found[0].contains("nest"), "\(depth): \(found)")
        }
    }

    @Test func aFileThatIsTooLargeIsRefused() {
        let text = rollup() + "\n# " + String(repeating: "x", count: 1_048_576)
        #expect(problems(of: text).count == 1)
        #expect(problems(of: text)[0].contains("split it into several files"))
    }

    @Test func keysThatAreNoTextAreReported() {
        let text = rollup() + "\n  ? [a, b]\n  : 1\n  ? {c: d}\n  : 2\n"
        let found = problems(of: text)
        #expect(
            found.count == 2 && found.allSatisfy { $0.contains("a mapping's key is a list or a mapping") }, "\(found)")
    }

    @Test func mergeKeysAndForeignTagsAreReported() {
        let text = """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: a}
            spec:
              <<: {source: VPCFlow}
              source: VPCFlow
              window: !Ref Window
              measures: [{name: n, count: true}]
            """
        let found = problems(of: text)
        #expect(
            found.first
                == "r.yaml:5:3: .: merge keys (\"<<\") are not read; repeat the keys, or give each value its own alias")
        #expect(found.dropFirst().first == "r.yaml:7:11: .: the tag \"!Ref\" has no meaning here; remove the tag")
    }

    @Test func windowsLineEndsDirectivesAndByteOrderDoNotMatter() {
        let text = "%YAML 1.1\n# first\n---\n" + rollup("a") + "\n...\n---\n" + rollup("b") + "\n"
        #expect(problems(of: text).isEmpty)
        #expect(problems(of: text.replacing("\n", with: "\r\n")).isEmpty)
    }

    @Test func aListAtTheRootHoldsDocuments() {
        let text = """
            - apiVersion: openslo/v1
              kind: Service
              metadata: {name: a}
            - apiVersion: openslo/v1
              kind: Service
              metadata: {name: b, labls: {}}
            - just text
            """
        #expect(
            problems(of: text) == [
                "r.yaml:6:23: [1].metadata.labls: unknown key \"labls\"; did you mean \"labels\"?",
                "r.yaml:7:3: [2]: expected a mapping, found \"just text\"; write keys and values: \"key: value\"",
            ])
    }

    @Test func aFileWithoutADocumentIsReported() {
        for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n---\n"] {
            #expect(
                problems(of: text) == [
                    "r.yaml:1:1: .: the file holds no document; write a resource into it, or remove it"
                ])
        }
    }

    @Test func controlCharactersHaveTheirLine() {
        let found = problems(of: "a: b\nc: \u{1}d\n")
        #expect(found.count == 1 && found[0].hasPrefix("r.yaml:2:"), "\(found)")
    }

    @Test func aFilterInABlockScalarHasItsFaultAtItsOwnLine() {
        let text = rollup(
            fields: """
                filter: |
                    event.log_status == "OK" &&
                    event.dstprt == 443
                  measures: [{name: flows, count: true}]
                """)
        let found = problems(of: text)
        #expect(found.count == 1 && found[0].hasPrefix("r.yaml:9:"), "\(found)")
    }
}

/// Files of a mebibyte that are all mistakes: reading them ends, with a bounded report.
@Suite struct LargeFileTests {
    @Test func manyMistakesAreReportedUpToABound() {
        let measures = (0..<30_000).map { "    - {count\($0): true}" }.joined(separator: "\n")
        let unknown = (0..<30_000).map { "  key\($0): 1" }.joined(separator: "\n")
        let repeated = String(repeating: "  window: 1m\n", count: 30_000)
        #expect(problems(of: rollup(fields: "measures:\n" + measures)).count == 1000)
        #expect(problems(of: rollup() + "\n" + unknown).count == 1000)
        #expect(problems(of: rollup() + "\n" + repeated).count == 1)
    }
}
