/// Loads settings and the resources that they name, and reports everything that is wrong with them at once.
public struct SettingsLoader {
    private let sinks: [any SinkDestination.Type]

    /// - Parameter sinks: the kinds of sinks that there may be.
    package init(sinks: [any SinkDestination.Type]) {
        self.sinks = sinks
    }

    /// Reads the settings in `file`, and the resources in it, beside it, and wherever its `resources` point.
    ///
    /// `settings` is `nil` when they can't be used at all; a service must run only when there is no problem but warnings. Blocks on
    /// file reads.
    public func load(
        file: String, environment: [String: String]
    ) -> (settings: RunSettings?, resources: ResourceSet?, problems: [ConfigurationProblem]) {
        let log = ProblemLog()
        var loading = ConfigurationLoading(log: log, environment: environment)
        loading.read(file)
        let own = loading.takeDigests()
        guard let document = loading.settings.first else {
            if log.count == 0 {
                log.report(
                    file: file, mark: .start, path: "", message: "the file holds no settings",
                    suggestion: "add a document \"kind: Settings\" of apiVersion \(ResourceKind.tidewatchVersion)")
            }
            return (nil, nil, log.sorted)
        }
        let reading = reader(of: file)
            .read(document.with(environment: environment))
        loading.readResources(reading.resources, besides: [file])
        loading.refuseRepeatedSettings()
        let resources = loading.assembled()
        var settings = reading.settings
        settings?.fileDigest = own.single
        return (settings, resources, log.sorted)
    }

    /// Checks files and folders of settings and resources, mixed as they come, with the resources that settings name.
    public func check(
        paths: [String], environment: [String: String]
    ) -> [ConfigurationProblem] {
        let log = ProblemLog()
        var loading = ConfigurationLoading(log: log, environment: environment)
        let files = ConfigurationFiles.expanded(paths, log: log)
        for file in files { loading.read(file) }
        let resources = loading.settings.flatMap { document in
            reader(of: document.root.file)
                .read(document.with(environment: environment)).resources
        }
        loading.readResources(resources, besides: files)
        _ = loading.assembled()
        return log.sorted
    }

    private func reader(of file: String) -> SettingsReader {
        SettingsReader(folder: SettingsLoader.folder(of: file), sinks: sinks)
    }

    /// Up to the last slash; empty for a file in the working folder.
    static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "" }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}

extension ConfigurationLoading {
    /// Reads the resources that settings point to, but no file twice.
    fileprivate mutating func readResources(_ paths: [String], besides files: [String]) {
        let known = Set(files.map(ConfigurationFiles.identity))
        for file in ConfigurationFiles.expanded(paths, log: log)
        where !known.contains(ConfigurationFiles.identity(of: file)) {
            read(file)
        }
    }

    fileprivate func refuseRepeatedSettings() {
        for document in settings.dropFirst() {
            document.root.report("there are settings already", "keep one document of kind Settings")
        }
    }
}

extension ResourceDocument {
    /// With `${NAME}` in its values resolved; resources themselves have no such references.
    fileprivate func with(environment: [String: String]) -> ResourceDocument {
        var document = self
        document.spec = spec.map {
            NodeReader(node: $0.node, path: $0.path, file: $0.file, log: $0.log, environment: environment)
        }
        return document
    }
}
