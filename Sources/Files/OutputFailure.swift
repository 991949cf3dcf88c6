/// Why a file or a folder of results could not be written.
public struct OutputFailure: Error, CustomStringConvertible, Sendable {
    public let description: String

    package init(_ description: String) {
        self.description = description
    }
}
