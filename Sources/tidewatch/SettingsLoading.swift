import Foundation
import Settings
import Sinks

/// Loads settings and the resources that they name; prints every problem and ends with status 2 if there is one. What is only
/// a warning is in the settings, for anyone who runs them.
func loadSettings(_ file: String) throws -> (RunSettings, ResourceSet) {
    let (settings, resources, problems) = SettingsLoader(sinks: SinkKinds.all).load(
        file: file, environment: ProcessInfo.processInfo.environment)
    try refuse(problems.filter { !$0.isWarning })
    guard var settings else { throw CommandFailure(.misused, "\(file): there are no settings") }
    settings.warnings = problems
    return (settings, resources ?? ResourceSet())
}
