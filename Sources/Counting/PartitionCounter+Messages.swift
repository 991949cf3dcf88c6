import TelemetryModel

/// Kafka's messages, by themselves or in runs of small ones.
extension PartitionCounter {
    /// Counts a Kafka message, which `cursor` says, all within one access to what is counted.
    ///
    /// - Returns: false when the watch gave it up.
    mutating func countMessage(
        _ message: RawSpan, at cursor: SourceCursor, isReadingBack: Bool, with decoder: DecoderBox
    ) -> Bool {
        self.cursor = cursor
        self.isReadingBack = isReadingBack
        if !isReadingBack {
            seen.messages += 1
            seen.bytes += message.byteCount
        }
        _ = decoder.decoder.decode(message, to: &self)
        if isGivenUp { return false }
        endMessage(message)
        return true
    }

    /// Puts rows beside those of the messages before them, to be counted with them.
    ///
    /// - Returns: false where they are to be counted by themselves, now.
    mutating func gather(_ batch: borrowing EventBatch, _ payload: RawSpan) -> Bool {
        guard let rows else { return false }
        if isInOrder(batch, after: rows.latest), MessageRows.takes(batch, payload) {
            let offset = cursor.offset(ofRecord: 0)
            if rows.append(batch, payload: payload, of: offset) { return true }
            countGathered()
            if rows.append(batch, payload: payload, of: offset) { return true }
        }
        countGathered()
        return false
    }

    /// Whether no row is dated in the future or behind the horizon: then nothing is said of one that depends on where its message ends.
    ///
    /// - Parameter gathered: the latest event time of what waits to be counted.
    private func isInOrder(_ batch: borrowing EventBatch, after gathered: Timestamp?) -> Bool {
        guard let earliest = batch.earliest, let latest = batch.latest, latest <= notAfter ?? latest else {
            return false
        }
        return earliest >= horizonStart(at: max(watermark ?? latest, gathered ?? latest, latest))
    }

    private mutating func countGathered() {
        let own = cursor
        rows?.lend(own) { batch, payload, cursor in
            self.cursor = cursor
            countRows(batch, payload: payload)
        }
        cursor = own
    }

    /// The messages that come next are counted together, until `endRun`.
    mutating func beginRun(_ rows: MessageRows) { self.rows = rows }

    mutating func endRun() {
        countGathered()
        rows = nil
    }
}
