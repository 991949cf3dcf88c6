from aws_cdk import aws_ec2 as ec2, aws_elasticache as elasticache
from constructs import Construct

from .access import USERS

PORT = 6379


class FeedCache(Construct):
    """A serverless cache: in all zones, sized by use, TLS always, and its only users sign in by IAM."""

    def __init__(self, scope, settings, vpc, key):
        super().__init__(scope, "Cache")
        self.name = f"{settings.name}-alert-feed"
        self.group = ec2.SecurityGroup(
            self, "Group", vpc=vpc, security_group_name=f"{self.name}-cache", description="Cache of the alert feed: from its functions",
            allow_all_outbound=False, disable_inline_rules=True)
        self._users = {
            role: elasticache.CfnUser(
                self, f"User-{role}", engine="valkey", user_id=f"{settings.name}-feed-{role}", user_name=f"{settings.name}-feed-{role}",
                authentication_mode={"Type": "iam"}, access_string=access)
            for role, access in USERS.items()}
        users = elasticache.CfnUserGroup(
            self, "Users", engine="valkey", user_group_id=f"{self.name}-users", user_ids=[each.ref for each in self._users.values()])
        self._cache = elasticache.CfnServerlessCache(
            self, "Valkey", engine="valkey", major_engine_version="8", serverless_cache_name=self.name,
            description="Connections of the alert feed, and how each alert stands",
            kms_key_id=key.key_arn, security_group_ids=[self.group.security_group_id], subnet_ids=settings.subnetIds,
            user_group_id=users.ref,
            # A bound for the bill: 1,000 connections and 100,000 alerts are 500 MB.
            cache_usage_limits={"dataStorage": {"unit": "GB", "maximum": 2}, "ecpuPerSecond": {"maximum": 10_000}})

    @property
    def host(self):
        return self._cache.attr_endpoint_address

    @property
    def port(self):
        return self._cache.attr_endpoint_port

    @property
    def arn(self):
        return self._cache.attr_arn

    def user_name(self, role):
        return self._users[role].user_name

    def user_arn(self, role):
        return self._users[role].attr_arn
