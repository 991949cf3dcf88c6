import Testing

/// How the package is laid out and written, where a machine can tell: one test for each rule.
///
/// A finding says where, and what to do.
struct TidyTests {
    private let package = SourceTree.package

    @Test func targetsImportWhatTheyMay() {
        Finding.report(
            ImportRule.findings(files: package.files, manifest: package.manifest, table: .allowed))
    }

    @Test func aFileHasAtMost400Lines() {
        Finding.report(LengthRule.findings(in: package.files))
    }

    @Test func aParameterListHasAtMostSevenParameters() {
        Finding.report(ParameterRule.findings(in: package.files))
    }

    @Test func everyDeclarationIsUsed() {
        Finding.report(
            UnusedRule.findings(
                sources: package.sources, tests: package.tests, instruments: Set(UnusedRule.instruments.keys)))
    }

    @Test func noTestSleeps() {
        Finding.report(SleepRule.findings(in: package.tests, homes: Set(SleepRule.homes.keys)))
    }

    @Test func thereIsOneLock() {
        Finding.report(LockRule.findings(in: package.files, homes: Set(LockRule.homes.keys)))
    }

    @Test func thereIsOneSeededGenerator() {
        Finding.report(
            GeneratorRule.findings(in: package.files, home: "Sources/Statistics/SeededGenerator.swift"))
    }

    @Test func onePlaceWritesToStandardOutput() {
        Finding.report(OutputRule.findings(in: package.sources, homes: Set(OutputRule.homes.keys)))
    }

    @Test func theReadmeNamesEveryTarget() {
        Finding.report(
            ReadmeRule.findings(manifest: package.manifest, readme: package.readme))
    }

    @Test func thePageOfArchitectureNamesWhatIsThere() {
        let targets = Set(package.manifest.targets.map(\.name))
        Finding.report(
            ArchitectureRule.findings(in: package.architecture, isThere: package.isThere)
                + ArchitectureRule.findings(
                    inDrawingOf: package.architecture, file: ArchitectureRule.page, targets: targets, others: [])
                + ArchitectureRule.findings(
                    inDrawingOf: package.readme, file: "README.md", targets: targets,
                    others: ["Kafka", "PagerDuty", "OCSF", "SIEM"]))
    }
}
