from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .cache import PORT


class Network(Construct):
    """Who may speak to whom: functions to the cache and to AWS's services, and nobody to a function."""

    def __init__(self, scope, settings):
        super().__init__(scope, "Network")
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self, "Vpc", vpc_id=settings.vpcId, availability_zones=settings.availabilityZones, private_subnet_ids=settings.subnetIds)
        self.functions = ec2.SecurityGroup(
            self, "Functions", vpc=self.vpc, security_group_name=f"{settings.name}-alert-feed-functions",
            description="Functions of the alert feed: nobody comes in", allow_all_outbound=False, disable_inline_rules=True)
        # API Gateway's side of the connections has no address of its own that could be named, and no endpoint in a VPC.
        self.functions.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "API Gateway, SNS, SQS, X-Ray")
        # Lambda's pollers come to the brokers with the brokers' own group, and hand over what they read to Lambda and STS.
        ec2.CfnSecurityGroupEgress(
            self, "Pollers", group_id=settings.mskSecurityGroupId, ip_protocol="tcp", from_port=443, to_port=443, cidr_ip="0.0.0.0/0",
            description="Event pollers to Lambda and STS")

    def join(self, cache):
        cache.group.add_ingress_rule(self.functions, ec2.Port.tcp(PORT), "Functions of the alert feed")
        self.functions.add_egress_rule(cache.group, ec2.Port.tcp(PORT), "The cache")
