import CRDKafka

extension ClientHandle {
    /// One end of each partition's log, in the order given, or why it is not known, by one request for each broker, whatever the number of
    /// partitions: ends are asked for as if they were times.
    ///
    /// - Parameter end: `RD_KAFKA_OFFSET_BEGINNING` for the first offset that the broker has, `RD_KAFKA_OFFSET_END` for the one after the last.
    /// - Returns: beside the answers, what librdkafka says of the question as a whole.
    func logEnds(
        _ end: Int64, of partitions: [TopicPartition], timeout: Duration
    ) -> (answers: [PartitionList.Element], result: rd_kafka_resp_err_t) {
        let list = PartitionList(partitions.map { PartitionOffset($0, offset: end) })
        let result = unsafe list.lend { unsafe rd_kafka_offsets_for_times(raw, $0, timeout.milliseconds) }
        return (list.elements, result)
    }
}
