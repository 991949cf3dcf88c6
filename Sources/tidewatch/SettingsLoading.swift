import Foundation
import Settings

/// Loads settings and the resources that they name; prints every problem and ends with status 2 if there is one.
func loadSettings(_ file: String) throws -> (RunSettings, ResourceSet) {
    let (settings, resources, problems) = SettingsLoader.load(
        file: file, environment: ProcessInfo.processInfo.environment)
    try refuse(problems)
    guard let settings else { throw CommandFailure(.misused, "\(file): there are no settings") }
    return (settings, resources ?? ResourceSet())
}
