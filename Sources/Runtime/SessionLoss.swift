/// What is said when a group ends a member's session: whether anybody else has its partitions, nobody tells.
public enum SessionLoss {
    public static func text(of what: String, _ brokers: BrokerLog) -> String {
        brokers.trouble == nil
            ? "the group ended this member's session: its \(what) go to other members, or come back to it"
            : "the session ended while a broker was away: \(what) are taken over anew when it answers"
    }
}
