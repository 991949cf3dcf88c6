/// A field of VPC flow logs (versions 2 to 5 and 7 to 11) or of Transit Gateway flow logs (version 6).
///
/// Raw values are the names of a decoded event; AWS writes the same names with hyphens in field lists and header lines.
/// Cases stand in the order of the reference, so that those of version 2 are the default field list.
///
/// Source: Amazon VPC User Guide, "Flow log records"; Amazon VPC Transit Gateway Guide, "Transit Gateway Flow Log records".
public enum FlowLogField: String, CaseIterable, Sendable, Hashable {
    // Version 2.
    case version
    case accountID = "account_id"
    case interfaceID = "interface_id"
    case sourceAddress = "srcaddr"
    case destinationAddress = "dstaddr"
    case sourcePort = "srcport"
    case destinationPort = "dstport"
    case ipProtocol = "protocol"
    case packets
    case bytes
    case start
    case end
    case action
    case logStatus = "log_status"
    // Version 3.
    case vpcID = "vpc_id"
    case subnetID = "subnet_id"
    case instanceID = "instance_id"
    case tcpFlags = "tcp_flags"
    case type
    case packetSourceAddress = "pkt_srcaddr"
    case packetDestinationAddress = "pkt_dstaddr"
    // Version 4.
    case region
    case availabilityZoneID = "az_id"
    case sublocationType = "sublocation_type"
    case sublocationID = "sublocation_id"
    // Version 5.
    case packetSourceService = "pkt_src_aws_service"
    case packetDestinationService = "pkt_dst_aws_service"
    case flowDirection = "flow_direction"
    case trafficPath = "traffic_path"
    // Version 6: Transit Gateway.
    case resourceType = "resource_type"
    case transitGatewayID = "tgw_id"
    case transitGatewayAttachmentID = "tgw_attachment_id"
    case transitGatewaySourceVPCAccountID = "tgw_src_vpc_account_id"
    case transitGatewayDestinationVPCAccountID = "tgw_dst_vpc_account_id"
    case transitGatewaySourceVPCID = "tgw_src_vpc_id"
    case transitGatewayDestinationVPCID = "tgw_dst_vpc_id"
    case transitGatewaySourceSubnetID = "tgw_src_subnet_id"
    case transitGatewayDestinationSubnetID = "tgw_dst_subnet_id"
    case transitGatewaySourceInterface = "tgw_src_eni"
    case transitGatewayDestinationInterface = "tgw_dst_eni"
    case transitGatewaySourceAvailabilityZoneID = "tgw_src_az_id"
    case transitGatewayDestinationAvailabilityZoneID = "tgw_dst_az_id"
    case transitGatewayPairAttachmentID = "tgw_pair_attachment_id"
    case packetsLostNoRoute = "packets_lost_no_route"
    case packetsLostBlackhole = "packets_lost_blackhole"
    case packetsLostMTUExceeded = "packets_lost_mtu_exceeded"
    case packetsLostTTLExpired = "packets_lost_ttl_expired"
    // Version 7.
    case ecsClusterARN = "ecs_cluster_arn"
    case ecsClusterName = "ecs_cluster_name"
    case ecsContainerInstanceARN = "ecs_container_instance_arn"
    case ecsContainerInstanceID = "ecs_container_instance_id"
    case ecsContainerID = "ecs_container_id"
    case ecsSecondContainerID = "ecs_second_container_id"
    case ecsServiceName = "ecs_service_name"
    case ecsTaskDefinitionARN = "ecs_task_definition_arn"
    case ecsTaskARN = "ecs_task_arn"
    case ecsTaskID = "ecs_task_id"
    // Version 8.
    case rejectReason = "reject_reason"
    // Version 9.
    case resourceID = "resource_id"
    // Version 10.
    case encryptionStatus = "encryption_status"
    // Version 11.
    case instanceTag = "instance_tag"
    case instanceTag2 = "instance_tag_2"
    case interfaceTag = "interface_tag"
    case interfaceTag2 = "interface_tag_2"
    case autoScalingGroupTag = "asg_tag"
    case autoScalingGroupTag2 = "asg_tag_2"
    case interfaceType = "interface_type"
    case nextHopInterfaceID = "next_hop_interface_id"
    case nextHopSubnetID = "next_hop_subnet_id"
    case nextHopAvailabilityZoneID = "next_hop_az_id"
    case nextHopVPCID = "next_hop_vpc_id"
    case nextHopInterfaceType = "next_hop_interface_type"

    /// How a field's values are typed in a decoded event.
    public enum ValueType: Sendable, Hashable {
        /// A whole number from 0 to `FlowLogField.maximum`.
        case integer
        /// Text that is a well-formed IPv4 or IPv6 address.
        case address
        case text
    }
}

extension FlowLogField {
    /// The name as field lists and header lines write it: `account-id`.
    public var hyphenName: String { rawValue.replacing("_", with: "-") }

    /// The field of a name, with hyphens or with underscores.
    public init?(name: some StringProtocol) {
        self.init(rawValue: String(name.map { $0 == "-" ? "_" : $0 }))
    }

    /// The fields of version 2, in their order: what a flow log has when nothing else was asked for.
    public static let defaultFields: [FlowLogField] = allCases.filter { $0.introducedInVersion == 2 }

    /// The version of the format that brought the field: 2 to 11.
    public var introducedInVersion: Int {
        switch self {
        case .version, .accountID, .interfaceID, .sourceAddress, .destinationAddress, .sourcePort, .destinationPort,
            .ipProtocol, .packets, .bytes, .start, .end, .action, .logStatus:
            2
        case .vpcID, .subnetID, .instanceID, .tcpFlags, .type, .packetSourceAddress, .packetDestinationAddress:
            3
        case .region, .availabilityZoneID, .sublocationType, .sublocationID:
            4
        case .packetSourceService, .packetDestinationService, .flowDirection, .trafficPath:
            5
        case .resourceType, .transitGatewayID, .transitGatewayAttachmentID, .transitGatewaySourceVPCAccountID,
            .transitGatewayDestinationVPCAccountID, .transitGatewaySourceVPCID, .transitGatewayDestinationVPCID,
            .transitGatewaySourceSubnetID, .transitGatewayDestinationSubnetID, .transitGatewaySourceInterface,
            .transitGatewayDestinationInterface, .transitGatewaySourceAvailabilityZoneID,
            .transitGatewayDestinationAvailabilityZoneID, .transitGatewayPairAttachmentID, .packetsLostNoRoute,
            .packetsLostBlackhole, .packetsLostMTUExceeded, .packetsLostTTLExpired:
            6
        case .ecsClusterARN, .ecsClusterName, .ecsContainerInstanceARN, .ecsContainerInstanceID, .ecsContainerID,
            .ecsSecondContainerID, .ecsServiceName, .ecsTaskDefinitionARN, .ecsTaskARN, .ecsTaskID:
            7
        case .rejectReason: 8
        case .resourceID: 9
        case .encryptionStatus: 10
        case .instanceTag, .instanceTag2, .interfaceTag, .interfaceTag2, .autoScalingGroupTag, .autoScalingGroupTag2,
            .interfaceType, .nextHopInterfaceID, .nextHopSubnetID, .nextHopAvailabilityZoneID, .nextHopVPCID,
            .nextHopInterfaceType:
            11
        }
    }

    public var valueType: ValueType {
        switch self {
        case .version, .sourcePort, .destinationPort, .ipProtocol, .packets, .bytes, .start, .end, .tcpFlags,
            .trafficPath, .packetsLostNoRoute, .packetsLostBlackhole, .packetsLostMTUExceeded, .packetsLostTTLExpired,
            .encryptionStatus:
            .integer
        case .sourceAddress, .destinationAddress, .packetSourceAddress, .packetDestinationAddress:
            .address
        default:
            .text
        }
    }

    /// The largest value of an integer field: what its place in a packet's header holds, else what 64 bits hold.
    public var maximum: Int64 {
        switch self {
        case .sourcePort, .destinationPort: 65_535
        case .ipProtocol: 255
        case .version, .trafficPath, .encryptionStatus, .tcpFlags: 65_535
        default: .max
        }
    }
}
