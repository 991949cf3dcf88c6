import ArgumentParser
import Files
import Foundation
import KafkaClient

/// `tidewatch broker`: the embedded broker in a process of its own.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run an embedded Kafka broker, for tests and first steps.",
        discussion: """
            It listens on a free port of this machine, keeps up to 5 MiB of each partition in memory, and forgets \
            everything when it ends. It is no replacement for a cluster: there is no TLS, no compaction, no retention. \
            It answers no request to make topics: name the consumer's inputs and outputs by --topic.

            Example: tidewatch broker --port-file /tmp/broker --topic cloudtrail:6 --topic vpc-flow:6
            """)

    @Option(help: ArgumentHelp("Write host:port here once it listens.", valueName: "file"), completion: .file())
    var portFile: String?

    @Option(help: ArgumentHelp("A topic to make; may be given again.", valueName: "name:partitions"))
    var topic: [String] = []

    @Flag(help: "End when standard input ends, so that the broker does not outlive who started it.")
    var untilInputEnds = false

    func validate() throws {
        _ = try topics()
    }

    private func topics() throws -> [String: Int] {
        var topics: [String: Int] = [:]
        for text in topic {
            guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
                let partitions = Int(text[text.index(after: colon)...]), (1...1000).contains(partitions)
            else {
                throw ValidationError("--topic '\(text)': expected NAME:PARTITIONS with 1 to 1000 partitions")
            }
            let name = String(text[..<colon])
            if topics.updateValue(partitions, forKey: name) != nil {
                throw ValidationError("--topic '\(name)' is given twice")
            }
        }
        return topics
    }

    func run() async throws {
        // One from before would tell who waits for the file of a broker that is gone.
        if let portFile { try FileWriter.removeFile(at: portFile) }
        let broker: EmbeddedBroker
        do {
            broker = try EmbeddedBroker(topics: try topics())
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
        let address = broker.bootstrapServers.joined(separator: ",")
        Console.print(address)
        if let portFile {
            // In place at once, so that a reader that waits for the file never reads half of it.
            let file = try FileWriter(path: portFile)
            try file.writeLine(address.utf8)
            try file.close()
        }
        if untilInputEnds {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await TerminationSignal.first() }
                group.addTask { try? await onOwnThread { _ = try FileHandle.standardInput.readToEnd() } }
                await group.next()
                // The other one waits for something that may never come, and the process ends anyway.
                withExtendedLifetime(broker) { ProcessExit.now(.done) }
            }
        }
        await TerminationSignal.first()
        withExtendedLifetime(broker) {}
    }
}
