extension EventSchema {
    /// VPC flow logs: every field of versions 2 to 11, in the order of "Flow log records" in the VPC user guide, in
    /// snake case.
    static let vpcFlow = EventSchema(
        kind: .vpcFlow, root: .object(flowLogFields.map { ($0.name, .value($0.type)) }))

    private static let flowLogFields: [(name: String, type: FieldType)] = [
        ("version", .integer), ("account_id", .text), ("interface_id", .text), ("srcaddr", .text),
        ("dstaddr", .text), ("srcport", .integer), ("dstport", .integer), ("protocol", .integer),
        ("packets", .integer), ("bytes", .integer), ("start", .integer), ("end", .integer), ("action", .text),
        ("log_status", .text),
        ("vpc_id", .text), ("subnet_id", .text), ("instance_id", .text), ("tcp_flags", .integer), ("type", .text),
        ("pkt_srcaddr", .text), ("pkt_dstaddr", .text),
        ("region", .text), ("az_id", .text), ("sublocation_type", .text), ("sublocation_id", .text),
        ("pkt_src_aws_service", .text), ("pkt_dst_aws_service", .text), ("flow_direction", .text),
        ("traffic_path", .integer),
        ("ecs_cluster_arn", .text), ("ecs_cluster_name", .text), ("ecs_container_instance_arn", .text),
        ("ecs_container_instance_id", .text), ("ecs_container_id", .text), ("ecs_second_container_id", .text),
        ("ecs_service_name", .text), ("ecs_task_definition_arn", .text), ("ecs_task_arn", .text),
        ("ecs_task_id", .text),
        ("reject_reason", .text),
        ("resource_id", .text), ("encryption_status", .integer),
    ]
}
