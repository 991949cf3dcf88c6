/// Findings that are to go: the rule, the file's name, and what is found there. A line that is no longer needed fails its
/// rule's test.
enum Known {
    static let findings: Set<String> = [
        "generator Plan.swift SeededGenerator",
        "generator SeededGenerator.swift SeededGenerator",
        "parameters Alert.swift init",
        "parameters AlertTransition+BurnRate.swift burnRate",
        "parameters Checkpoints.swift init",
        "parameters ConsumerPipeline.swift init",
        "parameters Fixtures.swift transition",
        "parameters FoldedCell.swift init",
        "parameters KafkaProducer.swift send",
        "parameters PipelineContext.swift init",
        "parameters ServiceLevelObjective.swift init",
        "parameters ShardEntry.swift init",
        "unused MessageBatch.swift isTombstone",
        "unused WindowRecord.swift supersedes",
    ]
}
