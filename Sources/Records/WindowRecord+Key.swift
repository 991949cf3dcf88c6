import Objectives
import TelemetryModel

extension WindowRecord.Identity {
    package init?(key: RawSpan) {
        self.init(key: String(decoding: [UInt8](copying: key), as: UTF8.self))
    }
}
