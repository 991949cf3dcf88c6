/// One load under way: files in, documents sorted into settings and resources.
struct ConfigurationLoading {
    let log: ProblemLog
    /// What `${NAME}` in settings stands for.
    let environment: [String: String]
    private(set) var settings: [ResourceDocument] = []
    private var assembler: ResourceAssembler
    /// Of the files that were read since they were last taken.
    private var digests = FileDigests()

    init(log: ProblemLog, environment: [String: String]) {
        self.log = log
        self.environment = environment
        assembler = ResourceAssembler(log: log)
    }

    mutating func read(_ file: String) {
        guard let text = ConfigurationFiles.text(of: file, log: log, digests: &digests) else { return }
        read(text: text, file: file)
    }

    mutating func read(text: String, file: String) {
        log.begin(file: file)
        let problemsBefore = log.count
        let roots = YAMLText.documents(of: text, file: file, log: log)
        if roots.isEmpty, log.count == problemsBefore {
            log.report(
                file: file, mark: .start, path: "", message: "the file holds no document",
                suggestion: "write a resource into it, or remove it")
        }
        for root in roots {
            // A list at the root holds documents, as OpenSLO's own tools write them.
            guard case .sequence(let elements) = root.content else {
                read(root, path: "", file: file)
                continue
            }
            for (index, element) in elements.enumerated() { read(element, path: "[\(index)]", file: file) }
        }
    }

    private mutating func read(_ root: YAMLNode, path: String, file: String) {
        guard let document = ResourceDocument.read(NodeReader(node: root, path: path, file: file, log: log)) else {
            return
        }
        if document.kind == .tidewatch(.settings) {
            settings.append(document)
        } else {
            assembler.add(document)
        }
    }

    /// Reports settings among resources.
    func refuseSettings() {
        for document in settings {
            document.root.report(
                "settings have no place among resources", "give the file with --config, or remove the document")
        }
    }

    mutating func takeDigests() -> FileDigests {
        defer { digests = FileDigests() }
        return digests
    }

    mutating func assembled() -> ResourceSet {
        var resources = assembler.assembled()
        resources.files = takeDigests()
        return resources
    }
}
