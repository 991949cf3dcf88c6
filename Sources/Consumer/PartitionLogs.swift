import Accounting

/// Which partitions of the inputs may have other logs than before, by what is heard when their ends are asked for.
///
/// It is a doubt only: a leader that has just been chosen may not know how far its log is, nor a broker that has just started which
/// topics there are. Whether the log is another one is told by the record before the position.
struct PartitionLogs {
    /// Where each ended last.
    private var ends: [SourcePartition: Int64] = [:]
    /// Those that did not exist when they were asked for last.
    private var away: Set<SourcePartition> = []

    /// Notes that there is no such partition.
    ///
    /// - Returns: whether its log is doubtful from now on.
    mutating func miss(_ source: SourcePartition) -> Bool { away.insert(source).inserted }

    /// Notes where a partition's log ends.
    ///
    /// - Returns: whether its log is doubtful from now on, as it ended further on before; that of one that was away is so already.
    mutating func isDoubtful(_ source: SourcePartition, endingAt end: Int64) -> Bool {
        let wasAway = away.remove(source) != nil
        let former = ends.updateValue(end, forKey: source)
        return !wasAway && former.map { end < $0 } ?? false
    }
}
