import TelemetryModel

/// A call that changes what a user or a role is: the activities of OCSF's class Account Change (3001).
///
/// Groups, policies by themselves and accounts of an organisation are no users; their calls are API Activity.
struct AccountChange {
    enum Activity: Int64 {
        case create = 1
        case enable = 2
        case passwordChange = 3
        case passwordReset = 4
        case disable = 5
        case delete = 6
        case attachPolicy = 7
        case detachPolicy = 8
        case enableFactor = 10
        case disableFactor = 11
        case other = 99

        /// The caption in the schema.
        var caption: StaticString {
            switch self {
            case .create: "Create"
            case .enable: "Enable"
            case .passwordChange: "Password Change"
            case .passwordReset: "Password Reset"
            case .disable: "Disable"
            case .delete: "Delete"
            case .attachPolicy: "Attach Policy"
            case .detachPolicy: "Detach Policy"
            case .enableFactor: "MFA Factor Enable"
            case .disableFactor: "MFA Factor Disable"
            case .other: "Other"
            }
        }
    }

    enum Target {
        case user
        case role
    }

    let activity: Activity
    let target: Target

    /// Whether the call is about the caller's own account when its request names nobody: about passwords, keys and factors.
    let isOwnByDefault: Bool

    /// `nil` when the call changes no user and no role.
    init?(source: RawSpan, operation: RawSpan) {
        for (service, calls) in AccountChange.services where source.isEqual(service) {
            for (name, activity, target) in calls where operation.isEqual(name) {
                self.activity = activity
                self.target = target
                switch activity {
                case .create, .delete, .attachPolicy, .detachPolicy: isOwnByDefault = false
                default: isOwnByDefault = target == .user
                }
                return
            }
        }
        return nil
    }

    private typealias Call = (StaticString, Activity, Target)

    private static let services: [(StaticString, [Call])] = [
        ("iam.amazonaws.com", iam), ("identitystore.amazonaws.com", directory),
        ("sso-directory.amazonaws.com", directory), ("cognito-idp.amazonaws.com", cognito),
        ("signin.amazonaws.com", rootUser),
    ]

    private static let iam: [Call] = [
        ("CreateUser", .create, .user), ("DeleteUser", .delete, .user), ("UpdateUser", .other, .user),
        ("TagUser", .other, .user), ("UntagUser", .other, .user),
        // A login profile is what lets a user into the console.
        ("CreateLoginProfile", .enable, .user), ("UpdateLoginProfile", .passwordReset, .user),
        ("DeleteLoginProfile", .disable, .user), ("ChangePassword", .passwordChange, .user),
        ("CreateAccessKey", .other, .user), ("UpdateAccessKey", .other, .user), ("DeleteAccessKey", .other, .user),
        ("UploadSSHPublicKey", .other, .user), ("UpdateSSHPublicKey", .other, .user),
        ("DeleteSSHPublicKey", .other, .user), ("UploadSigningCertificate", .other, .user),
        ("UpdateSigningCertificate", .other, .user), ("DeleteSigningCertificate", .other, .user),
        ("CreateServiceSpecificCredential", .other, .user), ("UpdateServiceSpecificCredential", .other, .user),
        ("ResetServiceSpecificCredential", .other, .user), ("DeleteServiceSpecificCredential", .other, .user),
        ("AttachUserPolicy", .attachPolicy, .user), ("PutUserPolicy", .attachPolicy, .user),
        ("PutUserPermissionsBoundary", .attachPolicy, .user), ("DetachUserPolicy", .detachPolicy, .user),
        ("DeleteUserPolicy", .detachPolicy, .user), ("DeleteUserPermissionsBoundary", .detachPolicy, .user),
        ("EnableMFADevice", .enableFactor, .user), ("DeactivateMFADevice", .disableFactor, .user),
        ("CreateRole", .create, .role), ("CreateServiceLinkedRole", .create, .role), ("DeleteRole", .delete, .role),
        ("DeleteServiceLinkedRole", .delete, .role), ("UpdateRole", .other, .role),
        ("UpdateRoleDescription", .other, .role), ("UpdateAssumeRolePolicy", .other, .role),
        ("TagRole", .other, .role), ("UntagRole", .other, .role),
        ("AttachRolePolicy", .attachPolicy, .role), ("PutRolePolicy", .attachPolicy, .role),
        ("PutRolePermissionsBoundary", .attachPolicy, .role), ("DetachRolePolicy", .detachPolicy, .role),
        ("DeleteRolePolicy", .detachPolicy, .role), ("DeleteRolePermissionsBoundary", .detachPolicy, .role),
    ]

    /// IAM Identity Center's directory, by its API and by the console.
    private static let directory: [Call] = [
        ("CreateUser", .create, .user), ("DeleteUser", .delete, .user), ("UpdateUser", .other, .user),
        ("EnableUser", .enable, .user), ("DisableUser", .disable, .user), ("UpdatePassword", .passwordReset, .user),
        ("ResetUserPassword", .passwordReset, .user), ("DeleteMfaDeviceForUser", .disableFactor, .user),
        ("StartVirtualMfaDeviceRegistration", .other, .user),
        ("CompleteVirtualMfaDeviceRegistration", .enableFactor, .user),
        ("StartWebAuthnDeviceRegistration", .other, .user),
        ("CompleteWebAuthnDeviceRegistration", .enableFactor, .user),
    ]

    private static let cognito: [Call] = [
        ("AdminCreateUser", .create, .user), ("AdminDeleteUser", .delete, .user), ("AdminEnableUser", .enable, .user),
        ("AdminDisableUser", .disable, .user), ("AdminResetUserPassword", .passwordReset, .user),
        ("AdminSetUserPassword", .passwordReset, .user), ("AdminUpdateUserAttributes", .other, .user),
    ]

    /// What an account's root user does about its own password.
    private static let rootUser: [Call] = [
        ("PasswordUpdated", .passwordChange, .user), ("PasswordRecoveryCompleted", .passwordReset, .user),
        ("EmailUpdated", .other, .user),
    ]
}
