import TelemetryModel
import Text

/// The librdkafka options that settings may give, and what each may be. Data alone: whoever checks settings sets nothing, so
/// that no file that they name is opened and no code of theirs is loaded.
///
/// The list names what is allowed: what a later librdkafka adds is refused until somebody has looked at it. Ranges are
/// those of librdkafka 2.0.2, but where ours are narrower for a reason that stands beside them.
public enum KafkaOptionTable {
    public enum Kind: Sendable, Equatable {
        case integer(ClosedRange<Int>)
        /// `true` or `false`.
        case flag
        case word([String])
        /// Some of these, with commas between them.
        case words([String])
        case text
        /// A file, which librdkafka reads when the client is made.
        case file

        /// What a value has to be, in words.
        public var requirement: String {
            switch self {
            case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .flag: "true or false"
            case .word(let words): "one of: \(words.joined(separator: ", "))"
            case .words(let words): "one or more, with commas between them, of: \(words.joined(separator: ", "))"
            case .text: "text"
            case .file: "the path of a file"
            }
        }

        func accepts(_ value: String) -> Bool {
            switch self {
            case .integer(let range): Int(value).map(range.contains) ?? false
            case .flag: value == "true" || value == "false"
            case .word(let words): words.contains(value)
            case .words(let words):
                value.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { words.contains(String($0)) }
            case .text, .file: !value.isEmpty
            }
        }
    }

    public static let allowed: [(name: String, kind: Kind)] =
        connection + encryption + group + fetching + producing

    private static let connection: [(name: String, kind: Kind)] = [
        ("client.rack", .text),
        ("message.max.bytes", .integer(1000...1_000_000_000)),
        ("message.copy.max.bytes", .integer(0...1_000_000_000)),
        ("receive.message.max.bytes", .integer(1000...2_147_483_647)),
        // More would let a retried batch pass a later one; an idempotent producer refuses it.
        ("max.in.flight.requests.per.connection", .integer(1...5)),
        ("max.in.flight", .integer(1...5)),
        ("topic.metadata.refresh.interval.ms", .integer(-1...3_600_000)),
        ("metadata.max.age.ms", .integer(1...86_400_000)),
        ("topic.metadata.refresh.fast.interval.ms", .integer(1...60_000)),
        ("topic.metadata.refresh.sparse", .flag),
        ("topic.metadata.propagation.max.ms", .integer(0...3_600_000)),
        ("socket.timeout.ms", .integer(10...300_000)),
        ("socket.send.buffer.bytes", .integer(0...100_000_000)),
        ("socket.receive.buffer.bytes", .integer(0...100_000_000)),
        ("socket.keepalive.enable", .flag),
        ("socket.nagle.disable", .flag),
        ("socket.max.fails", .integer(0...1_000_000)),
        ("socket.connection.setup.timeout.ms", .integer(1000...2_147_483_647)),
        ("connections.max.idle.ms", .integer(0...2_147_483_647)),
        ("broker.address.ttl", .integer(0...86_400_000)),
        ("broker.address.family", .word(["any", "v4", "v6"])),
        ("reconnect.backoff.ms", .integer(0...3_600_000)),
        ("reconnect.backoff.max.ms", .integer(0...3_600_000)),
        ("retry.backoff.ms", .integer(1...300_000)),
        ("api.version.request.timeout.ms", .integer(1...300_000)),
        ("statistics.interval.ms", .integer(0...86_400_000)),
        ("log_level", .integer(0...7)),
        ("log.connection.close", .flag),
        (
            "debug",
            .words([
                "generic", "broker", "topic", "metadata", "feature", "queue", "msg", "protocol", "cgrp", "security",
                "fetch", "consumer", "admin", "eos", "assignor", "conf", "all",
            ])
        ),
    ]

    private static let encryption: [(name: String, kind: Kind)] = [
        ("ssl.cipher.suites", .text),
        ("ssl.curves.list", .text),
        ("ssl.sigalgs.list", .text),
        ("ssl.ca.pem", .text),
        ("ssl.certificate.pem", .text),
        ("ssl.key.pem", .text),
        ("ssl.crl.location", .file),
        ("ssl.keystore.location", .file),
        ("ssl.keystore.password", .text),
        ("enable.ssl.certificate.verification", .flag),
        ("ssl.endpoint.identification.algorithm", .word(["none", "https"])),
    ]

    private static let group: [(name: String, kind: Kind)] = [
        ("session.timeout.ms", .integer(1...3_600_000)),
        ("heartbeat.interval.ms", .integer(1...3_600_000)),
        ("max.poll.interval.ms", .integer(1...86_400_000)),
        ("coordinator.query.interval.ms", .integer(1...3_600_000)),
    ]

    private static let fetching: [(name: String, kind: Kind)] = [
        ("queued.min.messages", .integer(1...10_000_000)),
        ("queued.max.messages.kbytes", .integer(1...2_097_151)),
        ("fetch.wait.max.ms", .integer(0...300_000)),
        ("fetch.message.max.bytes", .integer(1...1_000_000_000)),
        ("max.partition.fetch.bytes", .integer(1...1_000_000_000)),
        ("fetch.max.bytes", .integer(0...2_147_483_135)),
        ("fetch.min.bytes", .integer(1...100_000_000)),
        ("fetch.error.backoff.ms", .integer(0...300_000)),
        ("check.crcs", .flag),
    ]

    private static let producing: [(name: String, kind: Kind)] = [
        ("queue.buffering.max.messages", .integer(1...10_000_000)),
        ("queue.buffering.max.kbytes", .integer(1...2_147_483_647)),
        ("queue.buffering.max.ms", .integer(0...900_000)),
        ("linger.ms", .integer(0...900_000)),
        ("queue.buffering.backpressure.threshold", .integer(1...1_000_000)),
        ("message.send.max.retries", .integer(1...2_147_483_647)),
        ("retries", .integer(1...2_147_483_647)),
        ("batch.num.messages", .integer(1...1_000_000)),
        ("batch.size", .integer(1...2_147_483_647)),
        ("compression.codec", .word(["none", "gzip", "snappy", "lz4", "zstd"])),
        ("compression.type", .word(["none", "gzip", "snappy", "lz4", "zstd"])),
        ("compression.level", .integer(-1...12)),
        ("sticky.partitioning.linger.ms", .integer(0...900_000)),
        ("request.timeout.ms", .integer(1...900_000)),
        ("message.timeout.ms", .integer(0...2_147_483_647)),
        ("delivery.timeout.ms", .integer(0...2_147_483_647)),
    ]

    /// What has a reason of its own for being refused: what to do instead. A name that ends in a dot stands for all that begin
    /// with it.
    static let refused: [(name: String, reason: String, instead: String)] = [
        ("bootstrap.servers", ofASetting, "set kafka.bootstrapServers"),
        ("metadata.broker.list", ofASetting, "set kafka.bootstrapServers"),
        ("group.id", ofASetting, "set kafka.groupID"),
        ("client.id", ofASetting, "set kafka.clientID"),
        ("security.protocol", ofASetting, "set kafka.security.protocol"),
        ("sasl.mechanism", ofASetting, "set kafka.security.mechanism"),
        ("sasl.mechanisms", ofASetting, "set kafka.security.mechanism"),
        ("sasl.username", ofASetting, "set kafka.security.username"),
        ("sasl.password", ofASetting, "set kafka.security.password"),
        ("ssl.ca.location", ofASetting, "set kafka.security.caFile"),
        ("ssl.certificate.location", ofASetting, "set kafka.security.certificateFile"),
        ("ssl.key.location", ofASetting, "set kafka.security.keyFile"),
        ("ssl.key.password", ofASetting, "set kafka.security.keyPassword"),
        ("allow.auto.create.topics", "topics need partitions and policies of their own", "set outputs.createTopics"),

        ("enable.auto.commit", exactness, "remove it: offsets are committed when the results are acknowledged"),
        ("auto.commit.interval.ms", exactness, "remove it: offsets are committed when the results are acknowledged"),
        ("auto.commit.enable", exactness, "remove it: offsets are committed when the results are acknowledged"),
        ("enable.auto.offset.store", exactness, "remove it: offsets are committed when the results are acknowledged"),
        ("offset.store.", exactness, "remove it: offsets are committed when the results are acknowledged"),
        ("auto.offset.reset", exactness, "remove it: a lost position is reported, and never reset in silence"),
        ("isolation.level", exactness, "remove it: records of aborted transactions are not counted"),
        ("enable.partition.eof", exactness, "remove it: the end of a partition moves its event time"),
        ("partition.assignment.strategy", exactness, "remove it: the group is cooperative-sticky"),
        ("group.instance.id", exactness, "remove it: members are told apart by the group"),
        ("group.protocol", exactness, "remove it: the group is cooperative-sticky"),
        ("group.protocol.type", exactness, "remove it: the group is cooperative-sticky"),
        ("enable.idempotence", exactness, "remove it: the producer is always idempotent"),
        ("enable.gapless.guarantee", exactness, "remove it: a record that can't be sent stops the process"),
        ("acks", exactness, "remove it: results are written to all in-sync replicas"),
        ("request.required.acks", exactness, "remove it: results are written to all in-sync replicas"),
        ("transactional.id", exactness, "remove it: results are not written in transactions"),
        ("transaction.timeout.ms", exactness, "remove it: results are not written in transactions"),
        ("delivery.report.only.error", exactness, "remove it: commits wait for each acknowledgement"),
        ("partitioner", exactness, "remove it: each record names its partition"),
        ("queuing.strategy", exactness, "remove it: records are sent in their order"),
        ("topic.blacklist", exactness, "remove it, and name the topics in inputs"),

        ("plugin.library.paths", code, "remove it"),
        ("interceptors", code, "remove it"),
        ("ssl.engine.", code, "remove it"),
        ("ssl.providers", code, "remove it"),
        ("sasl.kerberos.", "it runs a command, and Kerberos is no mechanism of this version", "remove it"),
        ("sasl.oauthbearer.", "OAUTHBEARER is no mechanism of this version", "remove it"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "OAUTHBEARER is no mechanism of this version", "remove it"),
        ("test.mock.", "it puts a cluster that keeps nothing in place of the brokers", "remove it"),
        ("internal.", "it is librdkafka's own", "remove it"),
        ("builtin.features", "it is librdkafka's own", "remove it"),
        ("opaque", "it is librdkafka's own", "remove it"),
        ("enabled_events", "it is librdkafka's own", "remove it"),
        ("log.queue", "it is librdkafka's own", "remove it"),
    ]

    private static let ofASetting = "a setting stands for it"
    private static let exactness = "the exactness of counts rests on it"
    private static let code = "it loads code"

    /// What is wrong with an option, and what to do, without its value; `nil` when it may be given.
    static func problem(_ name: String, _ value: String) -> (message: String, suggestion: String)? {
        if let refused = refused.first(where: { $0.name == name || ($0.name.hasSuffix(".") && name.hasPrefix($0.name)) }
        ) {
            return ("the option \"\(YAMLNode.shortened(name))\" can't be set here: \(refused.reason)", refused.instead)
        }
        guard let kind = allowed.first(where: { $0.name == name })?.kind else {
            return (
                "the option \"\(YAMLNode.shortened(name))\" is none that may be set",
                EditDistance.nearest(to: name, among: allowed.map(\.name)).map { "did you mean \"\($0)\"?" }
                    ?? "remove it, or take one of docs/configuration.md"
            )
        }
        if kind.accepts(value) { return nil }
        return ("the value of the option \"\(name)\" can't be used", "write \(kind.requirement)")
    }
}
