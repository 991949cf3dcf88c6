import Settings

/// A kind of sinks, whole: how its settings are read, and the sink that they make.
package protocol SinkKind: SinkDestination {
    func makeSink(named name: String) throws(SinkFault) -> any Sink
}

public enum SinkKinds {
    /// What an entry of `sinks` may be.
    package static let all: [any SinkKind.Type] = [PagerDutySettings.self, WebhookSettings.self]
}

/// What is wrong with a setting of a sink, in words that hold no secret.
package struct SinkFault: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension SinkSettings {
    package func makeSink() throws(SinkFault) -> any Sink {
        guard let kind = destination as? any SinkKind else {
            throw SinkFault("\(type(of: destination).key): there is no such sink")
        }
        return try kind.makeSink(named: name)
    }
}
