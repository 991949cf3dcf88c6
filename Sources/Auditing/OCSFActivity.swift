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
        if operation.extracting(verb).isEqual("Batch") {
            verb = OCSFActivity.word(of: operation, from: verb.upperBound)
        }
        let text = operation.extracting(verb)
        for (activity, verbs) in OCSFActivity.verbs {
            for known in verbs where text.isEqual(known) {
                self = activity
                return
            }
        }
        self = .other
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
                "Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "Scan", "Select", "View", "Check",
                "Read",
                "Download", "Discover", "Estimate", "Preview", "Validate", "Verify", "Simulate", "Filter", "Count",
            ]
        ),
        (
            .create,
            [
                "Create", "Run", "Allocate", "Register", "Request", "Import", "Copy", "Launch", "Provision", "Upload",
                "Issue", "Generate", "Clone", "Build", "Publish", "Initiate",
            ]
        ),
        (
            .update,
            [
                "Update", "Put", "Modify", "Set", "Attach", "Detach", "Associate", "Disassociate", "Add", "Remove",
                "Enable",
                "Disable", "Start", "Stop", "Reboot", "Restart", "Tag", "Untag", "Change", "Replace", "Reset",
                "Restore",
                "Authorize", "Revoke", "Rotate", "Assign", "Unassign", "Move", "Apply", "Accept", "Reject", "Cancel",
                "Configure", "Activate", "Deactivate", "Resume", "Suspend", "Rename", "Edit", "Write", "Merge",
                "Upgrade",
                "Share", "Unshare", "Grant", "Complete", "Schedule",
            ]
        ),
        (.delete, ["Delete", "Terminate", "Deregister", "Release", "Purge", "Destroy", "Abort", "Discard"]),
    ]
}
