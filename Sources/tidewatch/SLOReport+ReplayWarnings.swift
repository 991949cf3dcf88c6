import Foundation
import Objectives

extension SLOReport {
    /// Takes the warnings of a replay's own report, which saw the records and knows near names, for objectives of which
    /// this report has the same ones to tell.
    mutating func takeWarnings(ofReplay data: Data) {
        guard let report = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else { return }
        warnings = SLOReport.warnings(report)
        let found = (report["slos"] as? [[String: Any]] ?? []).map { ($0["name"] as? String ?? "", $0) }
        let byName = Dictionary(found, uniquingKeysWith: { first, _ in first })
        for place in entries.indices {
            guard let other = byName[entries[place].terms.name] else { continue }
            let told = SLOReport.warnings(other)
            let parts = told.filter { $0.code == .selectorUnmatched }.map(\.part)
            let own = entries[place].warnings.map(\.part)
            if parts == own || own.isEmpty && entries[place].status == .noData { entries[place].warnings = told }
        }
    }

    private static func warnings(_ holder: [String: Any]) -> [ReportWarning] {
        (holder["warnings"] as? [[String: Any]] ?? []).compactMap { fields in
            guard let code = (fields["code"] as? String).flatMap(ReportWarning.Code.init(rawValue:)),
                let subject = fields["subject"] as? String, let text = fields["text"] as? String
            else { return nil }
            return ReportWarning(
                code: code, subject: subject, part: fields["part"] as? String, text: text,
                near: fields["near"] as? [String] ?? [])
        }
    }
}
