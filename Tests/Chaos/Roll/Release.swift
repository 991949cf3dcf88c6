import Foundation

/// What a member runs.
struct Release: Equatable {
    /// As the journal and the names of files have it.
    let name: String
    let binary: URL
    /// `outputs.recordVersion`; nil where the program doesn't know the setting.
    let recordVersion: Int?
}
