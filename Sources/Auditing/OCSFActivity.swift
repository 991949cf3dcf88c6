import Text

/// What an API call does to what it is called on: the activities of OCSF's class API Activity (6003).
enum OCSFActivity: Int {
    case unknown = 0
    case create = 1
    case read = 2
    case update = 3
    case delete = 4
    /// None of these; the record's `activity_name` then is the operation's own name.
    case other = 99

    /// The caption in the schema.
    var caption: StaticString {
        switch self {
        case .unknown: "Unknown"
        case .create: "Create"
        case .read: "Read"
        case .update: "Update"
        case .delete: "Delete"
        case .other: "Other"
        }
    }

    /// Judges an operation by its verb: the first word of its name, or the second one after "Batch".
    init(operation: RawSpan) {
        if operation.byteCount == 0 {
            self = .unknown
            return
        }
        var verb = OCSFActivity.word(of: operation, from: 0)
        if operation.extracting(verb).isEqual("batch", ignoringCase: true) {
            verb = OCSFActivity.word(of: operation, from: verb.upperBound)
        }
        let text = operation.extracting(verb)
        for (activity, verbs) in OCSFActivity.verbs {
            for known in verbs where text.isEqual(known, ignoringCase: true) {
                self = activity
                return
            }
        }
        self = .other
    }

    /// Whether an operation only reads, by its verb: for events that don't say so themselves. What is in doubt counts as a
    /// write, so that it is recorded: "Verify" reads a signature in one service and enters an address in another.
    static func isRead(_ operation: RawSpan) -> Bool {
        OCSFActivity(operation: operation) == .read && !operation.hasPrefix("verify", ignoringCase: true)
    }

    /// The word that begins at `start`: up to the next capital letter or digit.
    private static func word(of text: RawSpan, from start: Int) -> Range<Int> {
        guard start < text.byteCount else { return start..<start }
        var end = start + 1
        while end < text.byteCount, text.byte(end) >= 0x61, text.byte(end) <= 0x7A { end += 1 }
        return start..<end
    }

    private static let verbs: [(OCSFActivity, [StaticString])] = [
        (
            .read,
            [
                "get", "list", "describe", "head", "lookup", "search", "query", "scan", "select", "view", "check",
                "read",
                "download", "discover", "estimate", "preview", "validate", "verify", "simulate", "filter", "count",
            ]
        ),
        (
            .create,
            [
                "create", "run", "allocate", "register", "request", "import", "copy", "launch", "provision", "upload",
                "issue", "generate", "clone", "build", "publish", "initiate",
            ]
        ),
        (
            .update,
            [
                "update", "put", "modify", "set", "attach", "detach", "associate", "disassociate", "add", "remove",
                "enable",
                "disable", "start", "stop", "reboot", "restart", "tag", "untag", "change", "replace", "reset",
                "restore",
                "authorize", "revoke", "rotate", "assign", "unassign", "move", "apply", "accept", "reject", "cancel",
                "configure", "activate", "deactivate", "resume", "suspend", "rename", "edit", "write", "merge",
                "upgrade",
                "share", "unshare", "grant", "complete", "schedule",
            ]
        ),
        (.delete, ["delete", "terminate", "deregister", "release", "purge", "destroy", "abort", "discard"]),
    ]
}
