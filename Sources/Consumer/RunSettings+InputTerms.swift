import Accounting
import Decoding
import Settings
import TelemetryModel

extension RunSettings {
    /// What event time has to know of the inputs.
    var inputTerms: InputTerms {
        /// What is not counted any more is not waited for.
        func lateness(_ format: InputFormat) -> Int64 {
            let longest = format.kinds.map(\.allowedLatenessNanoseconds).max() ?? 0
            return aggregation.allowedLatenessNanoseconds ?? min(longest, aggregation.lateHorizonNanoseconds)
        }
        return InputTerms(
            latenessNanoseconds: lateness(.auto),
            inputs: Dictionary(
                inputs.map { input in
                    let own = input.allowedLatenessNanoseconds ?? lateness(input.format)
                    return (input.topic, InputTerms.Input(kinds: input.format.kinds, latenessNanoseconds: own))
                }, uniquingKeysWith: { first, _ in first }))
    }
}
