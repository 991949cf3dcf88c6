/// A step from the record that completes a slice to the page, as `tidewatch_page_step_seconds` tells them apart.
package enum PageStep: String, Sendable {
    /// From reading the record by which a partition passes the end of a slice until what it has counted is sealed.
    case counted
    /// Until all shards' logs have acknowledged it.
    case logged
    /// From an update's place in the log until an alert that opens by it is to be published.
    case judged
    /// Until the feed has acknowledged it.
    case published
    /// From its place in the feed until a sink has taken it.
    case posted

    package var labels: [(String, String)] { [("step", rawValue)] }
}
