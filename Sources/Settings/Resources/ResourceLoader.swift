/// Loads resources from files and folders, and reports everything that is wrong with them at once.
public enum ResourceLoader {
    /// Reads the files that `paths` name; of a folder, every `.yaml` and `.yml` file in and below it, in the order of
    /// their paths.
    ///
    /// The set holds what is sound even where there are problems, so that tools can show it; a service must not run on
    /// it then. Blocks on file reads.
    public static func load(paths: [String]) -> (resources: ResourceSet, problems: [ConfigurationProblem]) {
        let log = ProblemLog()
        var loading = ConfigurationLoading(log: log, environment: [:])
        for file in ConfigurationFiles.expanded(paths, log: log) { loading.read(file) }
        loading.refuseSettings()
        let resources = loading.assembled()
        return (resources, log.sorted)
    }

    /// Reads resources from a text; `file` is what problems call it.
    public static func load(text: String, file: String) -> (resources: ResourceSet, problems: [ConfigurationProblem]) {
        let log = ProblemLog()
        var loading = ConfigurationLoading(log: log, environment: [:])
        loading.read(text: text, file: file)
        loading.refuseSettings()
        let resources = loading.assembled()
        return (resources, log.sorted)
    }
}
