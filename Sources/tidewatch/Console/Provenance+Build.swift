import Foundation
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

extension SLOReport {
    /// Says by which configuration a replay counted what this report is of, as its own report says it.
    mutating func takeConfiguration(ofReplay data: Data) {
        guard let report = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let maker = report["made_by"] as? [String: Any]
        else { return }
        provenance?.settings = (maker["settings_sha256"] as? String).flatMap(SLOReport.digest)
        provenance?.resources = (maker["resources_sha256"] as? String).flatMap(SLOReport.digest)
    }

    /// A file that anyone may have written: what is no digest is none.
    private static func digest(_ text: String) -> String? {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            ? text : nil
    }
}
