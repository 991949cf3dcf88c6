import Objectives
import Settings
import TelemetryModel

extension Provenance {
    /// This binary, with what it was told.
    static func thisBuild(settings: RunSettings? = nil, resources: ResourceSet? = nil) -> Provenance {
        Provenance(
            version: TidewatchVersion.text, commit: TidewatchVersion.commit, settings: settings?.fileDigest,
            resources: resources?.files.combined)
    }

    var buildLabels: [(String, String)] { [("version", version), ("commit", commit ?? "unknown")] }
    var configurationLabels: [(String, String)] {
        [("settings", settings ?? "none"), ("resources", resources ?? "none")]
    }
}
