import CRDKafka
import Glibc

/// Destroys a handle of librdkafka on a thread of its own, which is waited for, but not for ever.
///
/// librdkafka 2.0.2 may wait without an end for the thread of a broker that had a partition whose topic was deleted. Then the
/// handle and the thread stay until the process ends, which so comes to its end.
///
/// `@unchecked Sendable`: the pointers are constant, and only the thread that destroys uses them.
@safe
final class HandleDestruction: @unchecked Sendable {
    /// How long it is waited for. It takes some milliseconds, and up to a second where a connection is being made.
    static let patience = Duration.seconds(3)
    private static let pauseMicroseconds: UInt32 = 500

    private let raw: OpaquePointer
    private let flags: Int32
    private let context: Unmanaged<ClientContext>
    /// Of its own, as the context may be gone any moment.
    private let observer: KafkaObserver
    private let isDone = Guarded(false)

    init(_ raw: OpaquePointer, flags: Int32, _ context: Unmanaged<ClientContext>) {
        unsafe self.raw = raw
        self.flags = flags
        unsafe self.context = context
        observer = unsafe context.takeUnretainedValue().observer
    }

    func run() {
        let own = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { opaque in
                if let opaque = unsafe opaque {
                    unsafe Unmanaged<HandleDestruction>.fromOpaque(opaque).takeRetainedValue().destroy()
                }
                return nil
            }, own.toOpaque())
        guard code == 0 else {
            // Without a thread there is only this one.
            unsafe own.release()
            return destroy()
        }
        pthread_detach(thread)
        let deadline = ContinuousClock.now + HandleDestruction.patience
        while !isDone.withLock({ $0 }) {
            if ContinuousClock.now >= deadline { return sayItIsLeft() }
            usleep(HandleDestruction.pauseMicroseconds)
        }
    }

    /// Each such handle keeps its memory, its threads and perhaps a connection.
    private func sayItIsLeft() {
        observer.log(
            KafkaLogLine(
                level: 4, facility: "DESTROY",
                message:
                    "a client does not end within \(HandleDestruction.patience), and is left to the end of the process")
        )
    }

    private func destroy() {
        unsafe rd_kafka_destroy_flags(raw, flags)
        unsafe context.release()
        isDone.withLock { $0 = true }
    }
}
