#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the process's exit status says.
enum ProcessStatus: Int32 {
    case done = 0
    case failed = 1
    /// The command line or a configuration is wrong.
    case misused = 2
    /// A gate did not hold.
    case gateFailed = 3
}

enum ProcessExit {
    static func now(_ status: ProcessStatus) -> Never {
        fflush(nil)
        exit(status.rawValue)
    }
}

/// Why a command ends without having done its work, with what to print and the exit status.
struct CommandFailure: Error, CustomStringConvertible {
    let status: ProcessStatus
    /// Empty where the reason was said already.
    let description: String

    static func said(_ status: ProcessStatus) -> CommandFailure { CommandFailure(status, "") }

    init(_ status: ProcessStatus = .failed, _ description: String) {
        self.status = status
        self.description = description
    }
}
