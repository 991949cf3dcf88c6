import Sinks
import Synchronization

/// What is known of an answer while its body is still coming.
final class AnswerHead: Sendable {
    private let held = Mutex<SinkAnswer?>(nil)

    var answer: SinkAnswer? { held.withLock { $0 } }

    func set(_ answer: SinkAnswer) { held.withLock { $0 = answer } }
}
