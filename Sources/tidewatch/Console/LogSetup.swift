import Foundation
import JSON
import Logging
import Observability
import Settings
import Synchronization
import TelemetryModel
import Text

/// Log lines on standard error: JSON, or plain text on a terminal.
enum LogSetup {
    static func logger(_ settings: LoggingSettings) -> Logger {
        let isText =
            switch settings.format {
            case .auto: Console.errorIsTerminal
            case .json: false
            case .text: true
            }
        let repetitions = Repetitions()
        var logger = Logger(label: "tidewatch") { _ in LineLogHandler(isText: isText, repetitions: repetitions) }
        logger.logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        return logger
    }

    /// For libraries whose own lines matter only when something is wrong.
    static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

/// Which warnings were said recently. A fault that goes on is warned of at each try: it is said at once, and then once a
/// minute with how long it has lasted.
final class Repetitions: Sendable {
    private let journal = Mutex(FaultJournal())

    /// What may differ between two warnings of one fault.
    private static let details: Set<String> = ["error", "reason", "cause", "text", "seconds", "offset", "since"]

    /// Nil when the line is not to be said; else what to add to it.
    func additions(to event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]) -> Logger.Metadata? {
        guard event.level == .warning else { return [:] }
        let subject = metadata.filter { !Repetitions.details.contains($0.key) }.map { "\($0.key)=\($0.value)" }
        let fault = "\(event.message) \(subject.joined(separator: " "))"
        switch journal.withLock({ $0.failed(fault, at: .now) }) {
        case nil: return nil
        case .begins: return [:]
        case .goesOn(let duration, let times):
            return ["repeated_for_seconds": .seconds(Double(duration.components.seconds)), "times": .number(times)]
        }
    }
}

/// Writes each log line at once, in one piece.
struct LineLogHandler: LogHandler {
    let isText: Bool
    let repetitions: Repetitions
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(isText: Bool, repetitions: Repetitions = Repetitions()) {
        self.isText = isText
        self.repetitions = repetitions
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// What a person wants first.
    private static let leading = ["summary", "error", "reason", "cause"]

    func log(event: LogEvent) {
        var all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        guard let additions = repetitions.additions(to: event, all) else { return }
        all += additions.sorted { $0.key < $1.key }
        let time = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1000) * 1_000_000)
        Console.error(isText ? text(event, all, time) : json(event, all, time))
    }

    private func text(_ event: LogEvent, _ all: [Logger.Metadata.Element], _ time: Timestamp) -> String {
        let first = LineLogHandler.leading.compactMap { name in all.first { $0.key == name } }
        let rest = all.filter { !LineLogHandler.leading.contains($0.key) }
        let pairs = (first + rest).map { " \($0.key)=\(LineLogHandler.quoted("\($0.value)"))" }.joined()
        return "\(time) \(event.level) \(Inert.line("\(event.message)"))\(pairs)"
    }

    private func json(_ event: LogEvent, _ all: [Logger.Metadata.Element], _ time: Timestamp) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("time", time.description)
        json.member("level", event.level.rawValue)
        json.member("message", event.message.description)
        for (key, value) in all {
            json.key(key)
            LineLogHandler.write(value, to: &json)
        }
        json.endObject()
        return String(decoding: Inert.json(json.bytes), as: UTF8.self)
    }

    private static func write(_ value: Logger.MetadataValue, to json: inout JSONWriter) {
        guard case .stringConvertible(let value) = value else { return json.string("\(value)") }
        switch value {
        case let value as Bool: json.bool(value)
        case let value as any BinaryInteger: json.integer(value)
        case let value as Double where value.isFinite: json.double(value)
        default: json.string("\(value)")
        }
    }

    /// In quotation marks where it has spaces.
    private static func quoted(_ text: String) -> String {
        let line = Inert.line(text)
        if !line.isEmpty, !line.contains(" "), !line.contains("\"") { return line }
        return "\"\(line.replacing("\"", with: "\\\""))\""
    }
}
