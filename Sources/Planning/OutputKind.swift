/// What a pipeline can be asked to make. What nobody asks for is neither computed nor written.
public enum OutputKind: String, CaseIterable, Sendable, Hashable {
    case rollups
    case anomalies
    case windows
    case alerts
    case audit
    case deadletter
    case report
}
