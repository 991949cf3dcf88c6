import Foundation
import TelemetryModel
import Text

/// What PagerDuty says beside a status that is no success.
///
/// Its Events API answers `{"status": …, "message": …, "errors": […]}`; a proxy in between may say anything.
struct PagerDutyAnswer: Sendable {
    /// Of the answer's words; an error names one member of an event.
    static let textBytesMax = 400

    /// On one line; empty where the answer says nothing.
    let text: String

    init(body: [UInt8]) {
        struct Document: Decodable {
            var message: String?
            var errors: [String]?
        }
        let said: String
        if let document = try? JSONDecoder().decode(Document.self, from: Data(body)), document.message != nil {
            let errors = (document.errors ?? []).joined(separator: "; ")
            said = [document.message ?? "", errors].filter { !$0.isEmpty }.joined(separator: ": ")
        } else {
            said = String(decoding: body.prefix(4 * PagerDutyAnswer.textBytesMax), as: UTF8.self)
        }
        let words = said.unicodeScalars.split { $0.properties.generalCategory == .control || $0 == " " }
        text = ShortText.cut(
            words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " "),
            bytesMax: PagerDutyAnswer.textBytesMax)
    }
}
