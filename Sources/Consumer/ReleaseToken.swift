/// Stands for somebody who waits until what a partition has counted is committed.
struct ReleaseToken: Hashable, Sendable {
    let number: UInt64
}
