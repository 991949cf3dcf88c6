import Foundation
import Logging
import Settings
import TelemetryModel

/// Log lines on standard error: JSON, or plain text on a terminal.
enum LogSetup {
    static func logger(_ settings: LoggingSettings) -> Logger {
        let isText =
            switch settings.format {
            case .auto: Console.errorIsTerminal
            case .json: false
            case .text: true
            }
        var logger = Logger(label: "tidewatch") { _ in LineLogHandler(isText: isText) }
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

/// Writes each log line at once, in one piece.
struct LineLogHandler: LogHandler {
    let isText: Bool
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1000) * 1_000_000)
        if isText {
            let pairs = all.map { " \($0.key)=\($0.value)" }.joined()
            Console.error("\(time) \(event.level) \(event.message)\(pairs)")
            return
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("time", time.description)
        json.member("level", event.level.rawValue)
        json.member("message", event.message.description)
        for (key, value) in all { json.member(key, "\(value)") }
        json.endObject()
        Console.error(String(decoding: json.bytes, as: UTF8.self))
    }
}
