/// Stands for somebody who waits until what a partition has counted is committed.
package struct ReleaseToken: Hashable, Sendable {
    let number: UInt64

    package init(number: UInt64) {
        self.number = number
    }
}
