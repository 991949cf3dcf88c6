import Statistics
import TelemetryModel

/// One line of a version 2 flow log.
struct GeneratedFlow {
    let start: Timestamp
    let interface: String
    /// Whether the line is about HTTPS into the estate, which is what the objective `ingress-accepted` counts.
    let countsForIngress: Bool
    let accepted: Bool
    let line: String
}

extension SyntheticEstate {
    /// The field list of the lines, as a header line names it.
    public static let flowLogHeader =
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"

    private static let commonPorts = [443, 443, 443, 443, 80, 53, 5432, 6379, 9092]

    func flowLogLines(minute: Int, random: inout SeededGenerator) -> [GeneratedFlow] {
        var flows: [GeneratedFlow] = []
        for _ in 0..<settings.flowLogsPerMinute {
            let interface = random.pick(inventory.interfaces)
            if random.chance(0.004) {
                flows.append(emptyFlow(minute: minute, interface: interface, random: &random))
                continue
            }
            let outside = random.chance(0.3)
            flows.append(
                flow(
                    minute: minute, interface: interface,
                    source: outside ? random.pick(inventory.outsideClients) : random.pick(inventory.insideClients),
                    port: random.chance(0.015)
                        ? 1024 + random.below(60_000) : random.pick(SyntheticEstate.commonPorts),
                    accepted: !random.chance(0.002),
                    packets: 1 + random.below(400), random: &random))
        }
        let struck = targets(of: .portScan, in: minute)
        for victim in inventory.interfaces where struck.contains(victim.id) {
            for _ in 0..<700 {
                flows.append(
                    flow(
                        minute: minute, interface: victim, source: inventory.scanner, port: 1 + random.below(65_535),
                        accepted: false, packets: 1, random: &random))
            }
        }
        return flows
    }

    private func flow(
        minute: Int, interface: EstateInventory.Interface, source: String, port: Int, accepted: Bool, packets: Int,
        random: inout SeededGenerator
    ) -> GeneratedFlow {
        let start = time(minute: minute, second: random.below(60))
        let end = start.seconds + Int64(1 + random.below(59))
        let bytes = packets * (40 + random.below(1400))
        let line =
            "2 \(inventory.accounts[0]) \(interface.id) \(source) \(interface.address) \(1024 + random.below(64_000)) "
            + "\(port) 6 \(packets) \(bytes) \(start.seconds) \(end) \(accepted ? "ACCEPT" : "REJECT") OK"
        return GeneratedFlow(
            start: start, interface: interface.id, countsForIngress: port == 443, accepted: accepted, line: line)
    }

    private func emptyFlow(
        minute: Int, interface: EstateInventory.Interface, random: inout SeededGenerator
    ) -> GeneratedFlow {
        let start = time(minute: minute, second: random.below(60))
        let status = random.chance(0.8) ? "NODATA" : "SKIPDATA"
        return GeneratedFlow(
            start: start, interface: interface.id, countsForIngress: false, accepted: false,
            line:
                "2 \(inventory.accounts[0]) \(interface.id) - - - - - - - \(start.seconds) \(start.seconds + 59) - \(status)"
        )
    }
}
