import Alerting
import TelemetryModel
import Text

/// Where alerts are sent: what a request for a transition looks like, and what an answer means.
///
/// A sink knows neither order, nor retries, nor what was sent before: those are ``DeliveryEngine``'s, the same for all
/// sinks. It has no clock either, so the same transition at the same moment makes the same bytes.
public protocol Sink: Sendable {
    /// What kind it is: the beginning of its dead letters' reason.
    static var kind: String { get }
    /// Its name in settings, metrics and the notification log.
    var name: String { get }
    /// How a log line calls it.
    var title: String { get }

    /// - Parameter moment: when it is sent, by the clock; another one with each attempt.
    func request(for transition: InertTransition, at moment: Timestamp) -> SinkRequest
    func verdict(on answer: SinkAnswer) -> SinkVerdict
}

/// An HTTP request without anything that sends it. May hold a secret: nothing prints it.
public struct SinkRequest: Sendable, Equatable, CustomStringConvertible {
    public struct Header: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public let method: String
    public let url: String
    public let headers: [Header]
    public let body: [UInt8]
    public var description: String { "a request" }

    public init(method: String = "POST", url: String, headers: [Header], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What came of a request.
public enum SinkAnswer: Sendable, Equatable {
    /// - Parameter retryAfterSeconds: what the header of that name asks for.
    case status(Int, body: [UInt8], retryAfterSeconds: Int64?)
    /// No answer came: why, without anything secret.
    case none(String)
}

/// What an answer means for the transition that was sent.
public enum SinkVerdict: Sendable, Equatable {
    case delivered
    /// Busy, broken or unreachable; the same transition is to be sent again.
    case retry(SinkRefusal, after: RetryWish)
    /// The transition, or who sends it, is at fault: sending it again cannot help.
    case refused(SinkRefusal)
}

/// Why a transition was not taken: the status, where there was one, and the answer's own words on one line.
public struct SinkRefusal: Sendable, Equatable, CustomStringConvertible {
    /// Of the answer's words.
    public static let wordsBytesMax = 400

    public let status: Int?
    public let words: String

    public init(status: Int?, words: String) {
        self.status = status
        self.words = SinkRefusal.oneLine(words)
    }

    public var description: String {
        guard let status else { return "no answer: \(words)" }
        return "status \(status)" + (words.isEmpty ? "" : ": \(words)")
    }

    /// Blanks and control characters between words become one blank; what is too long is cut.
    private static func oneLine(_ text: String) -> String {
        let words = text.unicodeScalars.split { $0.properties.generalCategory == .control || $0 == " " }
        return ShortText.cut(
            words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " "), bytesMax: wordsBytesMax)
    }
}

/// How long a sink wants to be left alone.
public struct RetryWish: Sendable, Equatable {
    /// What it asked for; nil where it asked for nothing.
    public var seconds: Int64?
    /// Whether that is meant for all transitions: a limit of requests is the sender's, not one transition's.
    public var isForAll: Bool

    public init(seconds: Int64? = nil, isForAll: Bool = false) {
        self.seconds = seconds
        self.isForAll = isForAll
    }
}

extension SinkVerdict {
    /// What a status means wherever HTTP is spoken as it is meant.
    ///
    /// A redirection is a refusal: to follow it would carry the secret to wherever the answer points.
    ///
    /// - Parameter words: finds the sink's own words in a body; the body itself where it is nil.
    public init(_ answer: SinkAnswer, words: ([UInt8]) -> String? = { _ in nil }) {
        switch answer {
        case .none(let reason): self = .retry(SinkRefusal(status: nil, words: reason), after: RetryWish())
        case .status(let status, let body, let seconds):
            let text = words(body) ?? String(decoding: body.prefix(4 * SinkRefusal.wordsBytesMax), as: UTF8.self)
            switch status {
            case 200...299: self = .delivered
            case 429:
                self = .retry(
                    SinkRefusal(status: status, words: text),
                    after: RetryWish(seconds: max(seconds ?? 0, SinkVerdict.limitSeconds), isForAll: true))
            // The first four are the sender's: a key that was changed, a path that was moved. A person mends that, and the page waits for it.
            case 401, 403, 404, 407, 408, 425, 500...:
                self = .retry(SinkRefusal(status: status, words: text), after: RetryWish(seconds: seconds))
            case 300...399:
                self = .refused(SinkRefusal(status: status, words: "a redirection, which is not followed. \(text)"))
            default: self = .refused(SinkRefusal(status: status, words: text))
            }
        }
    }

    /// After a 429, at least: limits are counted over a minute.
    private static let limitSeconds: Int64 = 15
}
