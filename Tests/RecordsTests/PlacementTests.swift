import Alerting
import Testing

@testable import Records

/// In which partition something lies is for all releases, and for others' tools, the same.
@Suite struct PlacementTests {
    /// Values that Kafka's own tests publish for its hash.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)])
    func theHashIsKafkas(text: String, hash: Int32) {
        #expect(Int32(bitPattern: FeedPartition.murmur2(Array(text.utf8))) == hash)
    }

    @Test func alertsLieInAPartitionThatThereIsWhateverTheirEpoch() {
        var values = RandomRecords(seed: 61)
        var used: Set<Int32> = []
        for _ in 0..<200 { used.insert(FeedPartition.partition(of: values.key(), among: 12)) }
        #expect(used == Set(0..<12))
        #expect(FeedPartition.partition(of: values.key(), among: 1) == 0)
    }

    /// All cells of a series are in one shard, and objectives are shared out.
    @Test func shardsShareObjectivesAndSeries() {
        let map = ShardMap(count: 8)
        let objectives = (0..<200).map { map.shard(ofObjective: "objective-\($0)") }
        #expect(Set(objectives) == Set(0..<8))
        let series = (0..<200).map { map.shard(ofRollup: "r", group: ["eni-\($0)", nil]) }
        #expect(Set(series) == Set(0..<8))
        #expect(series == (0..<200).map { map.shard(ofRollup: "r", group: ["eni-\($0)", nil]) })
    }

    @Test func topicsHaveTheirPrefix() {
        let topics = OutputTopics(prefix: "p.")
        #expect(topics.names.allSatisfy { $0.hasPrefix("p.") } && Set(topics.names).count == 7)
        #expect(Set(topics.stateNames).isSubset(of: topics.names) && !topics.stateNames.contains(topics.audit))
    }
}
