import TelemetryModel

extension AlertTransition {
    /// The CloudEvents `id`: the same for every copy of the transition and for nothing else, so that a consumer that has seen
    /// it can pass a copy over.
    ///
    /// Two evaluators may differ about one moment, so the status is part of it. An alert that is said again, because it was
    /// past when it opened, is another event: it is the one that pages.
    ///
    /// - Parameter openAt: the event time at which it was still open, where it is said again.
    public func eventID(openAt: Timestamp? = nil) -> String {
        let id = "\(alert.dedupKey.text)/\(alert.time)/\(alert.status.rawValue)"
        return openAt.map { "\(id)/\($0)" } ?? id
    }
}
