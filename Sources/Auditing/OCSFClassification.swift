import TelemetryModel

/// The classes of OCSF that audit records are events of.
enum OCSFClass: Int64 {
    case accountChange = 3001
    case authentication = 3002
    case apiActivity = 6003

    var caption: StaticString {
        switch self {
        case .accountChange: "Account Change"
        case .authentication: "Authentication"
        case .apiActivity: "API Activity"
        }
    }

    /// The category that the class belongs to.
    var category: (id: Int64, caption: StaticString) {
        switch self {
        case .accountChange, .authentication: (3, "Identity & Access Management")
        case .apiActivity: (6, "Application Activity")
        }
    }
}

/// What kind of event a record is: its class, and what was done.
struct OCSFClassification {
    let eventClass: OCSFClass
    let activityID: Int64
    /// The schema's caption of the activity.
    let activity: StaticString
    /// Whose account was changed, in an Account Change.
    let change: AccountChange?

    /// `source` and `operation` are empty where the event has none.
    init(source: RawSpan, operation: RawSpan, isSignIn: Bool) {
        if let change = AccountChange(source: source, operation: operation) {
            eventClass = .accountChange
            activityID = change.activity.rawValue
            activity = change.activity.caption
            self.change = change
            return
        }
        change = nil
        if isSignIn {
            eventClass = .authentication
            let signIn = SignInActivity(operation: operation)
            activityID = signIn.rawValue
            activity = signIn.caption
            return
        }
        eventClass = .apiActivity
        let activity = OCSFActivity(operation: operation)
        activityID = Int64(activity.rawValue)
        self.activity = activity.caption
    }
}

/// What happens in an event of signing in: the activities of OCSF's class Authentication (3002), as far as AWS has them.
enum SignInActivity: Int64 {
    case logon = 1
    case logoff = 2
    /// A step before the session: a password asked for, a second factor checked.
    case preauth = 6
    /// Another role is taken on in the console.
    case accountSwitch = 7
    case other = 99

    var caption: StaticString {
        switch self {
        case .logon: "Logon"
        case .logoff: "Logoff"
        case .preauth: "Preauth"
        case .accountSwitch: "Account Switch"
        case .other: "Other"
        }
    }

    init(operation: RawSpan) {
        for (activity, names) in SignInActivity.names {
            for name in names where operation.isEqual(name) {
                self = activity
                return
            }
        }
        self = .other
    }

    private static let names: [(SignInActivity, [StaticString])] = [
        (.logon, ["ConsoleLogin", "Authenticate", "Federate", "UserAuthentication"]),
        (.preauth, ["CredentialChallenge", "CredentialVerification", "CheckMfa"]),
        (.accountSwitch, ["SwitchRole", "ExitRole", "RenewRole"]),
        (.logoff, ["Logout", "SignOut"]),
    ]
}

/// What proves who somebody is: OCSF's `auth_factor`, by Identity Center's `CredentialType`.
struct AuthenticationFactor {
    let id: Int64
    /// The schema's caption; `nil` for a type that it has no number for.
    let caption: StaticString?

    init(credentialType type: RawSpan) {
        if type.isEqual("\"PASSWORD\"") {
            (id, caption) = (11, "Password")
        } else if type.isEqual("\"TOTP\"") || type.isEqual("\"RESYNC_TOTP\"") {
            (id, caption) = (7, "OTP")
        } else if type.isEqual("\"WEBAUTHN\"") {
            (id, caption) = (10, "WebAuthn")
        } else if type.isEqual("\"EMAIL_OTP\"") {
            (id, caption) = (8, "Email")
        } else {
            (id, caption) = (99, nil)
        }
    }
}
