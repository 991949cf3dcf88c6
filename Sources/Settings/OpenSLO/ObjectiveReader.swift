import Objectives
import TelemetryModel
import Text

/// Reads one entry of an SLO's `objectives`.
struct ObjectiveReader {
    enum Method: String, CaseIterable {
        case occurrences = "Occurrences"
        case timeslices = "Timeslices"
        case ratioTimeslices = "RatioTimeslices"
    }

    struct Objective {
        var displayName: String?
        var form: ServiceLevelIndicator.Form
        var method: BudgetingMethod
        var target: Ratio
    }

    /// Each is `nil` when it could not be read; what depends on it is then not checked.
    let method: Method?
    let window: ComplianceWindow?
    let indicator: IndicatorTemplate?

    func read(_ reader: NodeReader) -> Objective? {
        guard let fields = reader.mapping() else { return nil }
        let displayName = fields.optional("displayName")?.string()
        let operatorReader = fields.optional("op")
        let valueReader = fields.optional("value")
        let targetReader = fields.optional("target")
        let percentReader = fields.optional("targetPercent")
        let sliceTargetReader = fields.optional("timeSliceTarget")
        let sliceWindowReader = fields.optional("timeSliceWindow")
        for key in ["indicator", "indicatorRef", "compositeWeight"] {
            fields.unsupported(
                key, "composite objectives are not supported by this version",
                "move the indicator to the SLO's spec, and make an SLO of each objective")
        }
        fields.finish()

        let target = readTarget(targetReader, percent: percentReader, of: reader)
        let form = readForm(operatorReader, valueReader, of: reader)
        let method = readMethod(sliceTargetReader, sliceWindowReader, of: reader)
        guard let target, let form, let method else { return nil }
        return Objective(displayName: displayName, form: form, method: method, target: target)
    }

    /// At least 0 and below 1: an objective of 1 has no budget, and no burn rate.
    private func readTarget(_ target: NodeReader?, percent: NodeReader?, of objective: NodeReader) -> Ratio? {
        switch (target, percent) {
        case (let reader?, nil):
            guard let ratio = reader.decimal() else { return nil }
            guard ratio.numerator >= 0, ratio.numerator < ratio.denominator else {
                let isPercent = ratio.numerator >= ratio.denominator && ratio.numerator / 100 < ratio.denominator
                reader.report(
                    "the target is not from 0 to below 1",
                    isPercent ? "write a ratio such as 0.999, or use targetPercent" : "write a ratio such as 0.999")
                return nil
            }
            return ratio
        case (nil, let reader?):
            guard let percent = reader.decimal() else { return nil }
            let (denominator, overflow) = percent.denominator.multipliedReportingOverflow(by: 100)
            guard !overflow, percent.numerator >= 0, percent.numerator < denominator else {
                reader.report("the target is not from 0 to below 100 percent", "write a percentage such as 99.9")
                return nil
            }
            return Ratio(percent.numerator, denominator)
        case (nil, nil):
            objective.report("the objective has no target", "add \"target: 0.999\"")
            return nil
        case (_?, let percent?):
            percent.report("the objective has a target and a targetPercent", "keep one of them")
            return nil
        }
    }

    private func readForm(
        _ operatorReader: NodeReader?, _ valueReader: NodeReader?, of objective: NodeReader
    ) -> ServiceLevelIndicator.Form? {
        let comparison = operatorReader?.choice(ServiceLevelIndicator.Comparison.self)
        let value = valueReader?.double()
        switch indicator?.shape {
        case nil:
            return nil
        case .ratio:
            operatorReader?.report("\"op\" has no meaning for a ratioMetric", "remove it")
            valueReader?.report("\"value\" has no meaning for a ratioMetric", "remove it")
        case .threshold:
            if operatorReader == nil {
                objective.report(
                    "\"op\" is missing, which a thresholdMetric needs", "add \"op: lt\", or one of lte, gt, gte")
            }
            if valueReader == nil {
                objective.report("\"value\" is missing, which a thresholdMetric needs", "add \"value: 500\"")
            }
        }
        switch indicator?.form {
        case nil:
            return nil
        case .ratio(let good, let bad, let total):
            guard operatorReader == nil, valueReader == nil else { return nil }
            return .ratio(good: good, bad: bad, total: total)
        case .threshold(let query):
            guard let comparison, let value else { return nil }
            return .threshold(query, comparison, threshold: value)
        }
    }

    private func readMethod(
        _ sliceTarget: NodeReader?, _ sliceWindow: NodeReader?, of objective: NodeReader
    ) -> BudgetingMethod? {
        let target = sliceTarget.flatMap(readSliceTarget)
        let window = sliceWindow.flatMap(readSliceWindow)
        if let method, method != .timeslices, let sliceTarget {
            sliceTarget.report("\"timeSliceTarget\" goes with Timeslices alone", "remove it")
            return nil
        }
        switch method {
        case nil:
            return nil
        case .occurrences:
            sliceWindow?.report("\"timeSliceWindow\" has no meaning for Occurrences", "remove it")
            return sliceWindow == nil ? .occurrences : nil
        case .timeslices, .ratioTimeslices:
            let name = method?.rawValue ?? ""
            if sliceWindow == nil {
                objective.report(
                    "\"timeSliceWindow\" is missing, which \(name) needs", "add \"timeSliceWindow: 1m\"")
            }
            if method == .ratioTimeslices { return window.map { .ratioTimeslices(windowNanoseconds: $0) } }
            if sliceTarget == nil {
                objective.report(
                    "\"timeSliceTarget\" is missing, which \(name) needs", "add \"timeSliceTarget: 0.95\"")
            }
            guard let target, let window else { return nil }
            return .timeslices(target: target, windowNanoseconds: window)
        }
    }

    private func readSliceTarget(_ reader: NodeReader) -> Ratio? {
        guard let ratio = reader.decimal() else { return nil }
        guard ratio.numerator > 0, ratio.numerator <= ratio.denominator else {
            reader.report("the slice's target is not above 0 and at most 1", "write a ratio such as 0.95")
            return nil
        }
        return ratio
    }

    /// A duration, or a number of minutes. Slices must fill the SLO's window, so that a window holds whole slices only.
    private func readSliceWindow(_ reader: NodeReader) -> Int64? {
        var nanoseconds: Int64?
        if case .scalar(let scalar) = reader.node.content, Int(scalar.text) != nil {
            nanoseconds = reader.integer(in: 1...1_000_000).map { Int64($0) * DurationText.nanosecondsPerMinute }
        } else {
            nanoseconds = reader.duration(minimum: DurationText.nanosecondsPerSecond, example: "1m")
        }
        guard let nanoseconds else { return nil }
        if case .rolling(let whole)? = window, whole % nanoseconds != 0 {
            reader.report(
                "slices of \(DurationText.text(nanoseconds)) don't fill a window of "
                    + DurationText.text(whole),
                "choose a duration that divides the window, such as 1m")
            return nil
        }
        return nanoseconds
    }
}
