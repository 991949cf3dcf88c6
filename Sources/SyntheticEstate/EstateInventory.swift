import Statistics

/// The fixed parts of a synthetic estate: accounts, principals, network interfaces, the load balancer.
struct EstateInventory: Sendable {
    static let region = "us-east-1"
    static let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    static let loadBalancer = "app/checkout/50dc6c495c0c9188"

    struct Principal: Sendable {
        let account: String
        let role: String
        let roleID: String
        let session: String
    }

    struct Interface: Sendable {
        let id: String
        let address: String
    }

    let accounts: [String]
    let principals: [Principal]
    let people: [String]
    let interfaces: [Interface]
    let insideClients: [String]
    let outsideClients: [String]
    let instances: [String]
    /// An address from the block that RFC 5737 keeps for documentation.
    let scanner = "198.51.100.77"

    init(random: SeededGenerator, instances instanceCount: Int) {
        var random = random
        accounts = (0..<3).map { _ in String(100_000_000_000 + random.below(899_999_999_999)) }
        let accounts = self.accounts
        principals = (0..<120).map { index in
            let team = random.pick(["orders", "billing", "search", "auth", "etl", "web"])
            let role = random.pick(["svc", "ci", "eks-node", "lambda-exec"]) + "-\(team)-\(index)"
            return Principal(
                account: random.pick(accounts), role: role, roleID: "AROA" + EstateInventory.base32(17, &random),
                session: "i-" + EstateInventory.hex(17, &random))
        }
        people = (0..<25).map { "engineer\($0)" }
        interfaces = (0..<20).map { index in
            Interface(id: "eni-" + EstateInventory.hex(17, &random), address: "10.0.\(index).\(4 + random.below(240))")
        }
        insideClients = (0..<300).map { _ in "10.0.\(random.below(32)).\(1 + random.below(254))" }
        // Also from blocks kept for documentation, so that no one's real address appears.
        outsideClients = (0..<200).map { "203.0.113.\(1 + $0 % 254)" }
        instances = (0..<instanceCount).map { _ in "i-" + EstateInventory.hex(17, &random) }
    }

    /// - Parameter occurrence: from 0.
    func target(of incident: Incident, occurrence: Int) -> String {
        switch incident {
        case .zoneOutage: EstateInventory.zones[1 + occurrence % 2]
        case .portScan: interfaces[3 + occurrence % 2].id
        case .failedSignIns: accounts[0]
        }
    }

    static func hex(_ count: Int, _ random: inout SeededGenerator) -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<count).map { _ in digits[random.below(16)] })
    }

    static func base32(_ count: Int, _ random: inout SeededGenerator) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return String((0..<count).map { _ in digits[random.below(32)] })
    }

    static func uuid(_ random: inout SeededGenerator) -> String {
        [8, 4, 4, 4, 12].map { hex($0, &random) }.joined(separator: "-")
    }
}
