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
                    let own = input.allowedLatenessNanoseconds ?? latenessNanoseconds
                    return (input.topic, InputTerms.Input(kinds: input.format.kinds, latenessNanoseconds: own))
                }, uniquingKeysWith: { first, _ in first }))
    }
}
