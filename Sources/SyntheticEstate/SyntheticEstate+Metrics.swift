import Statistics
import TelemetryModel

/// One datum of a CloudWatch metric stream.
struct GeneratedDatum {
    let time: Timestamp
    let series: String
    let json: String
    /// What the datum adds to which objective.
    let counts: [(objective: String, good: Int64, total: Int64)]
}

extension SyntheticEstate {
    func metricData(minute: Int, random: inout SeededGenerator) -> [GeneratedDatum] {
        var data: [GeneratedDatum] = []
        var slowest = 0.0
        let struck = targets(of: .zoneOutage, in: minute)
        for zone in EstateInventory.zones {
            let failing = struck.contains(zone)
            let requests = 900 + random.below(300)
            var failed = random.chance(0.3) ? 1 : 0
            if failing { failed = requests * 6 / 10 + random.below(requests / 10) }
            let dimensions = #"{"LoadBalancer":"\#(EstateInventory.loadBalancer)","AvailabilityZone":"\#(zone)"}"#
            let objective = "checkout-\(zone)"
            data.append(
                datum(
                    minute: minute, namespace: "AWS/ApplicationELB", name: "RequestCount", dimensions: dimensions,
                    value: statistics(sum: Double(requests), count: requests, max: 1, min: 1), unit: "Count",
                    counts: [(objective, Int64(requests), Int64(requests))]))
            if failed > 0 {
                // As the load balancer does, the error count is reported only where there were errors.
                data.append(
                    datum(
                        minute: minute, namespace: "AWS/ApplicationELB", name: "HTTPCode_Target_5XX_Count",
                        dimensions: dimensions, value: statistics(sum: Double(failed), count: failed, max: 1, min: 1),
                        unit: "Count", counts: [(objective, -Int64(failed), 0)]))
            }
            slowest = max(slowest, (failing ? 2.4 : 0.18) * (1 + 0.1 * random.normal().magnitude))
        }
        data.append(
            datum(
                minute: minute, namespace: "AWS/ApplicationELB", name: "TargetResponseTime",
                dimensions: #"{"LoadBalancer":"\#(EstateInventory.loadBalancer)"}"#,
                value:
                    #"{"max":\#(rounded(slowest * 1.5)),"min":0.002,"sum":\#(rounded(slowest * 300)),"count":3000.0,"#
                    + #""p50":\#(rounded(slowest / 3)),"p99":\#(rounded(slowest))}"#, unit: "Seconds",
                counts: [("checkout-latency", rounded(slowest) <= 0.5 ? 1 : 0, 1)]))
        for instance in inventory.instances {
            let load = max(0.5, 35 + 6 * random.normal())
            data.append(
                datum(
                    minute: minute, namespace: "AWS/EC2", name: "CPUUtilization",
                    dimensions: #"{"InstanceId":"\#(instance)"}"#,
                    value: #"{"max":\#(rounded(load * 1.2)),"min":\#(rounded(load * 0.8)),"sum":\#(rounded(load * 5)),"#
                        + #""count":5.0}"#, unit: "Percent", counts: []))
        }
        return data
    }

    /// Rounded to a millionth, so that the text is short and the value exact when read back.
    private func rounded(_ value: Double) -> Double {
        (value * 1e6).rounded() / 1e6
    }

    private func statistics(sum: Double, count: Int, max: Double, min: Double) -> String {
        #"{"max":\#(max),"min":\#(min),"sum":\#(sum),"count":\#(Double(count))}"#
    }

    private func datum(
        minute: Int, namespace: String, name: String, dimensions: String, value: String, unit: String,
        counts: [(objective: String, good: Int64, total: Int64)]
    ) -> GeneratedDatum {
        let time = self.time(minute: minute, second: 0)
        let json =
            #"{"metric_stream_name":"estate","account_id":"\#(inventory.accounts[0])","region":"\#(EstateInventory.region)","#
            + #""namespace":"\#(namespace)","metric_name":"\#(name)","dimensions":\#(dimensions),"#
            + #""timestamp":\#(time.seconds * 1000),"value":\#(value),"unit":"\#(unit)"}"#
        return GeneratedDatum(time: time, series: namespace + name + dimensions, json: json, counts: counts)
    }
}
