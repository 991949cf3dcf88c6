import ArgumentParser
import Decoding
import Foundation
import Replay
import Settings

extension ConfigCommand.Check {
    /// Holds the selectors of the resources against files.
    func holdAgainst(_ samples: [String]) throws {
        // Problems were refused before; what is left are settings among the files, which hold no selectors.
        let (resources, _) = ResourceLoader.load(paths: paths)
        if resources.objectives.isEmpty && resources.rollups.isEmpty {
            Console.error("there is no SLO and no Rollup to hold against \(samples.joined(separator: ", "))")
            return
        }
        let inputs = try Inputs(samples)
        let files = inputs.files
        var survey: SelectorSurvey
        do {
            survey = try SelectorSurvey(objectives: resources.objectives, rollups: resources.rollups)
            try survey.read(files: files)
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
        let warnings = survey.warnings
        for warning in warnings { Console.print(warning.line) }
        let unmatched = warnings.count { $0.code == .selectorUnmatched }
        Console.error(
            "\(survey.selectorCount - unmatched) of \(survey.selectorCount) selectors match some of the \(survey.eventCount) records in "
                + "\(survey.files) \(survey.files == 1 ? "file" : "files")"
                + (survey.isCut
                    ? ", of which the first \(SelectorSurvey.bytesMaxDefault >> 20) MiB were read" : ""))
        try inputs.reportNotRead()
        if strict, !warnings.isEmpty {
            throw CommandFailure(
                .gateFailed, warnings.count == 1 ? "1 selector to look at" : "\(warnings.count) selectors to look at")
        }
    }
}
