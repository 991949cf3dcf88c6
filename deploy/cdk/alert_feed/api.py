import json

from aws_cdk import (
    RemovalPolicy, Stack, aws_apigatewayv2 as apigateway, aws_apigatewayv2_authorizers as authorizers,
    aws_apigatewayv2_integrations as integrations, aws_certificatemanager as acm, aws_iam as iam, aws_logs as logs, aws_route53 as route53,
    aws_route53_targets as targets)
from constructs import Construct

STAGE = "live"
_ACCESS_LOG = {
    "time": "$context.requestTime", "route": "$context.routeKey", "event": "$context.eventType", "status": "$context.status",
    "connection": "$context.connectionId", "caller": "$context.identity.userArn", "address": "$context.identity.sourceIp",
    "error": "$context.error.message", "integrationError": "$context.integrationErrorMessage", "request": "$context.requestId"}
_UNKNOWN = {"type": "error", "code": "unknown_action", "message": "send {\"action\":\"snapshot\"}; nothing else is known"}


class FeedApi(Construct):
    """The WebSocket API under its domain. Who connects signs by IAM; what no route knows is answered by API Gateway itself, without a function."""

    def __init__(self, scope, settings, functions, key):
        super().__init__(scope, "Api")
        self._stack = Stack.of(self)
        self.api = apigateway.WebSocketApi(
            self, "WebSocket", api_name=f"{settings.name}-alert-feed", route_selection_expression="$request.body.action",
            connect_route_options=apigateway.WebSocketRouteOptions(
                integration=integrations.WebSocketLambdaIntegration("Connect", functions["Connect"].function),
                authorizer=authorizers.WebSocketIamAuthorizer()),
            disconnect_route_options=apigateway.WebSocketRouteOptions(
                integration=integrations.WebSocketLambdaIntegration("Disconnect", functions["Disconnect"].function)))
        self.api.add_route(
            "snapshot", integration=integrations.WebSocketLambdaIntegration("Snapshot", functions["Snapshot"].function))
        # By the domain alone: its policy of TLS is the one that holds.
        self.api.node.default_child.disable_execute_api_endpoint = True
        self._answer_unknown()
        self._stage(settings, self._domain(settings), key)

    def arn(self, path):
        return self._stack.format_arn(service="execute-api", resource=self.api.api_id, resource_name=f"{STAGE}/{path}")

    def allow_sending(self, function):
        """What stands behind the last slash is a connection, and none is known beforehand."""
        function.allow("execute-api:ManageConnections", on=[self.arn("POST/@connections/*"), self.arn("DELETE/@connections/*")])

    def readers_policy(self, settings):
        return iam.ManagedPolicy(
            self, "Readers", managed_policy_name=f"{settings.name}-alert-feed-readers", description="May connect to the alert feed",
            statements=[iam.PolicyStatement(actions=["execute-api:Invoke"], resources=[self.arn("$connect")])])

    def _answer_unknown(self):
        integration = apigateway.CfnIntegration(
            self, "Unknown", api_id=self.api.api_id, integration_type="MOCK", template_selection_expression="200",
            request_templates={"200": json.dumps({"statusCode": 200})})
        apigateway.CfnIntegrationResponse(
            self, "UnknownAnswer", api_id=self.api.api_id, integration_id=integration.ref, integration_response_key="$default",
            template_selection_expression="200", response_templates={"200": json.dumps(_UNKNOWN)})
        route = apigateway.CfnRoute(
            self, "UnknownRoute", api_id=self.api.api_id, route_key="$default", authorization_type="NONE",
            route_response_selection_expression="$default", target=f"integrations/{integration.ref}")
        apigateway.CfnRouteResponse(
            self, "UnknownRouteAnswer", api_id=self.api.api_id, route_id=route.ref, route_response_key="$default")

    def _domain(self, settings):
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=settings.hostedZoneId, zone_name=settings.hostedZoneName)
        certificate = acm.Certificate(
            self, "Certificate", domain_name=settings.domainName, validation=acm.CertificateValidation.from_dns(zone))
        domain = apigateway.DomainName(
            self, "Domain", domain_name=settings.domainName, certificate=certificate, security_policy=apigateway.SecurityPolicy.TLS_1_2)
        route53.ARecord(
            self, "Address", zone=zone, record_name=f"{settings.domainName}.",
            target=route53.RecordTarget.from_alias(targets.ApiGatewayv2DomainProperties(
                domain.regional_domain_name, domain.regional_hosted_zone_id)))
        return domain

    def _stage(self, settings, domain, key):
        log_group = logs.LogGroup(
            self, "AccessLog", log_group_name=f"/aws/vendedlogs/apis/{settings.name}-alert-feed", encryption_key=key,
            retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.RETAIN)
        stage = apigateway.WebSocketStage(
            self, "Stage", web_socket_api=self.api, stage_name=STAGE, auto_deploy=True, detailed_metrics_enabled=True,
            throttle=apigateway.ThrottleSettings(rate_limit=200, burst_limit=400))
        apigateway.ApiMapping(self, "Mapping", api=self.api, domain_name=domain, stage=stage)
        stage.node.default_child.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format=json.dumps(_ACCESS_LOG))
