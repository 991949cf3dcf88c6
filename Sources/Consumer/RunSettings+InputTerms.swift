import Accounting
import Settings

extension RunSettings {
    /// What event time has to know of the inputs.
    var inputTerms: InputTerms {
        let latenessNanoseconds = aggregation.allowedLatenessNanoseconds
        return InputTerms(
            latenessNanoseconds: latenessNanoseconds,
            inputs: Dictionary(
                inputs.map { input in
                    let kinds = input.format.kinds
                    return (input.topic, InputTerms.Input(kinds: kinds, latenessNanoseconds: latenessNanoseconds))
                }, uniquingKeysWith: { first, _ in first }))
    }
}
