import KafkaClient
import Synchronization

/// The consumer that a delegate serves: set once, before the group is joined, and not held, because the consumer holds
/// its delegate.
final class DelegatingConsumer: Sendable {
    private struct Reference {
        weak var value: KafkaConsumer?
    }

    private let reference = Mutex<Reference>(Reference())

    var value: KafkaConsumer? { reference.withLock { $0.value } }

    func attach(_ consumer: KafkaConsumer) { reference.withLock { $0.value = consumer } }
}
