import Foundation
import TelemetryModel

extension Timestamp {
    /// The machine's clock.
    public static func now() -> Timestamp {
        Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
    }
}
