import Sinks

/// A member of a sink's group: the engine, and what stands between it and the world: what is on its way.
final class OutageMember {
    struct Post {
        let token: DeliveryToken
        let request: SinkRequest
        /// When the sink has it, and when its answer is back.
        let arrives: Double
        let answers: Double
        /// Once it has arrived.
        var answer: SinkAnswer?
    }

    struct Write {
        let token: DeliveryToken
        let partition: Int32
        let records: [NotificationRecord]
        let arrives: Double
        let acknowledged: Double
        var isInTopic = false
    }

    enum Life: Equatable {
        case running
        /// Killed: it comes back then, as another process.
        case dead(until: Double)
        /// Stopped: it goes on then, with all that it had.
        case paused(until: Double)
    }

    var engine: DeliveryEngine
    var commits = FeedCommits()
    var life = Life.running
    /// What it takes for its own, and the offset that it reads next there.
    var reading: [Int32: Int64] = [:]
    /// The generation in which each came.
    var generations: [Int32: Int32] = [:]
    var posts: [Post] = []
    var writes: [Write] = []
    var watch = OutageWatch()
    /// Whom a request is about.
    var keys: [DeliveryToken: String] = [:]

    init(_ engine: DeliveryEngine) { self.engine = engine }
}
