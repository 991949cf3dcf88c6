import HTTPService
import Logging
import Observability
import Runtime
import ServiceLifecycle
import Settings

/// Looks at the files of secrets, keys and certificates for as long as `run` does.
struct FileWatchService: Service {
    private let files: WatchedFiles

    init(_ settings: RunSettings, identity: ServerIdentity?, metrics: MetricsRegistry, logger: Logger) {
        var entries: [WatchedFiles.Entry] = []
        func follow(_ setting: String, _ secret: Secret?) {
            guard let file = secret?.file else { return }
            entries.append(.init(setting, [file.path]) { try file.reread() ? .taken : .same })
        }
        follow("kafka.security.passwordFile", settings.kafka.security.password)
        for sink in settings.sinks { follow("sinks.\(sink.name)", sink.secret) }
        if let identity {
            entries.append(.init("http.tls", identity.files.paths) { try identity.reread() ? .taken : .same })
        }
        // librdkafka makes its context of TLS once.
        let security = settings.kafka.security
        let atStart = [
            ("kafka.security.caFile", security.caFile), ("kafka.security.certificateFile", security.certificateFile),
            ("kafka.security.keyFile", security.keyFile),
            ("kafka.security.keyPasswordFile", security.keyPassword?.file?.path),
        ]
        let options = settings.kafka.options.filter { ["ssl.crl.location", "ssl.keystore.location"].contains($0.name) }
            .map { ("kafka.options.\($0.name)", String?.some($0.value.value)) }
        for case (let setting, let path?) in atStart + options { entries.append(.atStart(setting, path)) }
        files = WatchedFiles(entries, metrics: metrics, logger: logger)
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                files.look()
                try await Task.sleep(for: WatchedFiles.interval)
            }
        }
    }
}
