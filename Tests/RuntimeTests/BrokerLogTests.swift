import Foundation
import Synchronization
import Testing

@testable import KafkaClient
@testable import Runtime

/// Many clients meet one fault of a broker; whoever reads the log is to see it once.
@Suite struct BrokerLogTests {
    private let lines = LogLines()
    private let log: BrokerLog

    init() { log = BrokerLog(logger: lines.logger) }

    private func fault(_ broker: String, _ text: String) throws -> ConnectionFault {
        try #require(
            ConnectionFault(
                KafkaLogLine(
                    level: 3, facility: "FAIL",
                    message: "[thrd:\(broker)/1]: \(broker)/1: \(text) (after 3ms in state CONNECT)")))
    }

    private func statistics(up brokers: [String], secondsFromNow: Int64) throws -> KafkaStatistics {
        let taken = Int64(Date().timeIntervalSince1970) + secondsFromNow
        let members = brokers.map { #""\#($0)/1":{"name":"\#($0)/1","state":"UP"}"# }.joined(separator: ",")
        return try #require(
            KafkaStatistics(json: Array(#"{"time":\#(taken),"brokers":{\#(members)},"topics":{}}"#.utf8)))
    }

    @Test func aFaultIsSaidOnceForAllClientsAndItsEndToo() throws {
        let seen = Mutex(0)
        let clients = [log.observer { _ in seen.withLock { $0 += 1 } }, log.observer()]
        let refusal = "Connect to kafka-1:9092 failed: Connection refused"
        for client in clients { client.fault(try fault("kafka-1:9092", refusal)) }
        #expect(
            lines.take() == ["warning a broker is not reached broker=kafka-1:9092 cause=\(refusal)"])
        // Waiting can't mend this one.
        clients[0].fault(try fault("kafka-2:9092", "SASL authentication error: wrong password"))
        let second = lines.take()
        #expect(
            second.count == 1 && second[0].hasPrefix("error a broker is not reached broker=kafka-2:9092"), "\(second)")
        #expect(
            log.trouble == "kafka-1:9092: \(refusal); "
                + "kafka-2:9092: SASL authentication error: wrong password")

        // Statistics from before a fault say nothing of its end.
        clients[0].statistics(try statistics(up: ["kafka-1:9092"], secondsFromNow: -60))
        #expect(lines.take().isEmpty && log.trouble?.contains("kafka-1") == true)
        clients[0].statistics(try statistics(up: ["kafka-1:9092"], secondsFromNow: 60))
        let over = lines.take()
        #expect(over.count == 1 && over[0].hasPrefix("notice a broker answers again broker=kafka-1:9092"), "\(over)")
        clients[1].statistics(try statistics(up: ["kafka-1:9092", "kafka-2:9092"], secondsFromNow: 60))
        #expect(lines.take().count == 1)
        #expect(log.trouble == nil)
        #expect(seen.withLock { $0 } == 2)
    }

    @Test func connectionsThatEndAreNoTrouble() throws {
        log.observer().fault(try fault("kafka-1:9092", "Disconnected"))
        log.observer().fault(try fault("GroupCoordinator", "Connect failed: Connection refused"))
        #expect(log.trouble == nil)
        #expect(lines.take().allSatisfy { $0.hasPrefix("debug a connection ended") })
    }

    @Test func whatStandsInTheLogAsAFaultIsNotSaidAgainAsAnError() {
        log.note(KafkaError(code: .transport, operation: "poll"))
        log.note(KafkaError(code: .allBrokersDown, operation: "poll"))
        #expect(lines.take().isEmpty)
        log.note(KafkaError(code: .transport, message: "gone for ever", isFatal: true, operation: "poll"))
        log.note(KafkaError(code: .messageTooLarge, operation: "produce"))
        let said = lines.take()
        #expect(said.count == 2 && said.allSatisfy { $0.hasPrefix("warning kafka error=Kafka: ") }, "\(said)")
    }

    @Test func linesOfTheClientHaveALevelByWhatSomebodyHasToDo() {
        let note = log.observer().log
        note(KafkaLogLine(level: 4, facility: "CONFWARN", message: "property x will be ignored by this client"))
        note(KafkaLogLine(level: 4, facility: "GETPID", message: "no identity, retrying"))
        note(KafkaLogLine(level: 4, facility: "MAXPOLL", message: "too long"))
        note(KafkaLogLine(level: 6, facility: "REBALANCE", message: "joined"))
        note(KafkaLogLine(level: 7, facility: "FETCH", message: "offset"))
        #expect(
            lines.take() == [
                "debug librdkafka facility=CONFWARN text=property x will be ignored by this client",
                "debug librdkafka facility=GETPID text=no identity, retrying",
                "warning librdkafka facility=MAXPOLL text=too long", "info librdkafka facility=REBALANCE text=joined",
                "debug librdkafka facility=FETCH text=offset",
            ])
    }
}
