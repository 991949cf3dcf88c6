import HTTPService
import Observability
import Settings

extension ServerIdentity {
    /// What the settings name; nil for plain HTTP.
    convenience init?(_ settings: RunSettings) throws {
        guard let tls = settings.http.tls else { return nil }
        do throws(Fault) {
            try self.init(
                Files(certificate: tls.certificateFile, key: tls.keyFile, clientAuthority: tls.clientCAFile),
                onlyNewest: settings.tls.minimumVersion == .v13)
        } catch {
            throw CommandFailure(.misused, "tidewatch run: \(error)")
        }
    }
}

extension ObservabilityServer.Port {
    init(_ settings: RunSettings, _ number: Int, _ identity: ServerIdentity?) {
        self.init(
            host: settings.http.host, number: number, identity: identity,
            limits: ConnectionLimits(filesMax: ProcessMetrics.openFilesMax.map { Int(min($0, 1e6)) } ?? 1024))
    }
}
