mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_default_tags" {
    defaults = { tags = { Project = "tidewatch", Environment = "test" } }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\"}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 3 }
  }
  mock_resource "aws_eks_cluster" {
    defaults = {
      arn                   = "arn:aws:eks:us-east-1:123456789012:cluster/tidewatch-test"
      endpoint              = "https://0123.gr7.us-east-1.eks.amazonaws.com"
      certificate_authority = [{ data = "Y2E=" }]
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/0123" }] }]
    }
  }
}

variables {
  name                    = "tidewatch-test"
  subnet_ids              = ["subnet-a", "subnet-b", "subnet-c"]
  node_security_group_ids = ["sg-nodes"]
  kms_key_arn             = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
  volume_kms_key_arn      = "arn:aws:kms:us-east-1:123456789012:key/22222222-2222-2222-2222-222222222222"
  log_kms_key_arn         = "arn:aws:kms:us-east-1:123456789012:key/33333333-3333-3333-3333-333333333333"
}

run "control_plane" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "the Kubernetes API is open to other networks than the VPC's"
  }
  assert {
    condition     = one(aws_eks_cluster.this.encryption_config[*].provider[0].key_arn) == var.kms_key_arn && contains(aws_eks_cluster.this.encryption_config[0].resources, "secrets")
    error_message = "Kubernetes secrets are not encrypted with the key of this estate"
  }
  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "a log of the control plane is missing"
  }
  assert {
    condition     = aws_cloudwatch_log_group.control_plane.name == "/aws/eks/tidewatch-test/cluster" && aws_cloudwatch_log_group.control_plane.retention_in_days == 365
    error_message = "the control plane's logs are not kept for a year in the group that EKS writes to"
  }
  assert {
    condition     = aws_cloudwatch_log_group.control_plane.kms_key_id == var.log_kms_key_arn
    error_message = "the control plane's logs are not encrypted with the key of logs"
  }
  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "somebody may use the cluster without an access entry"
  }
  assert {
    condition     = aws_eks_cluster.this.zonal_shift_config[0].enabled
    error_message = "traffic can't be moved out of a zone that fails"
  }
  assert {
    condition     = aws_iam_openid_connect_provider.this.url == "https://oidc.eks.us-east-1.amazonaws.com/id/0123" && aws_iam_openid_connect_provider.this.client_id_list == toset(["sts.amazonaws.com"])
    error_message = "service accounts have no identity provider for STS"
  }
  assert {
    condition     = output.oidc_issuer == "oidc.eks.us-east-1.amazonaws.com/id/0123"
    error_message = "the issuer is not in the form that trust policies name"
  }
}

run "nodes" {
  command = plan

  assert {
    condition     = length(aws_eks_node_group.this["system"].taint) == 1 && alltrue([for taint in aws_eks_node_group.this["system"].taint : taint.key == "CriticalAddonsOnly" && taint.effect == "NO_SCHEDULE"])
    error_message = "anything may run on the nodes that the cluster itself needs"
  }
  assert {
    condition     = aws_eks_node_group.this["system"].capacity_type == "ON_DEMAND" && length(aws_eks_node_group.this["on-demand"].taint) == 0
    error_message = "the system's nodes can be taken away, or nothing can run on the on-demand ones"
  }
  assert {
    condition     = length(aws_eks_node_group.this["spot"].taint) == 1 && alltrue([for taint in aws_eks_node_group.this["spot"].taint : taint.key == "spot" && taint.effect == "NO_SCHEDULE"])
    error_message = "pods that do not say that they bear it run on spot nodes"
  }
  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "pods reach the role of their node by its metadata"
  }
  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.block_device_mappings[0].ebs[0].volume_type == "gp3" && template.block_device_mappings[0].ebs[0].encrypted == "true" && template.block_device_mappings[0].ebs[0].kms_key_id == var.volume_kms_key_arn])
    error_message = "a node's volume is not encrypted with the key of this estate"
  }
  assert {
    condition = alltrue([for template in aws_launch_template.node :
      toset(template.tag_specifications[*].resource_type) == toset(["instance", "volume", "network-interface"])
    ]) && alltrue(flatten([for template in aws_launch_template.node : [for tags in template.tag_specifications[*].tags : tags["Project"] == "tidewatch"]]))
    error_message = "instances or volumes of the nodes lack the tags by which their cost is found"
  }
  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.version == var.kubernetes_version && tolist(group.launch_template)[0].version == "3"])
    error_message = "nodes do not follow the cluster's version or the newest template"
  }
  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.subnet_ids == toset(var.subnet_ids)])
    error_message = "a zone has no nodes"
  }
  assert {
    condition     = toset([for attachment in aws_iam_role_policy_attachment.node : reverse(split("/", attachment.policy_arn))[0]]) == toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"])
    error_message = "the nodes' role has a policy that belongs to pods"
  }
}

run "addons" {
  command = plan

  assert {
    condition     = toset(concat(keys(aws_eks_addon.network), keys(aws_eks_addon.workload))) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver"])
    error_message = "an add-on is missing"
  }
  assert {
    condition     = jsondecode(aws_eks_addon.network["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies are written and not held"
  }
  assert {
    condition     = one(aws_eks_addon.network["vpc-cni"].pod_identity_association).service_account == "aws-node" && one(aws_eks_addon.workload["aws-ebs-csi-driver"].pod_identity_association).service_account == "ebs-csi-controller-sa"
    error_message = "the network's or the volumes' driver has no role of its own"
  }
  assert {
    condition = alltrue([for name, account in { "vpc-cni" = "aws-node", "aws-ebs-csi-driver" = "ebs-csi-controller-sa" } :
      { for condition in data.aws_iam_policy_document.pod_identity_trust[name].statement[0].condition : trimprefix(condition.variable, "aws:RequestTag/") => one(condition.values) }
      == { "eks-cluster-name" = "tidewatch-test", "kubernetes-namespace" = "kube-system", "kubernetes-service-account" = account }
    ])
    error_message = "another pod or cluster may take the role of a driver"
  }
  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0
    error_message = "a service account has a role that nobody asked for"
  }
}

run "by_choice" {
  command = plan

  variables {
    node_subnet_ids        = ["subnet-a"]
    endpoint_public_access = true
    public_access_cidrs    = ["198.51.100.0/24"]
    addon_versions         = { coredns = "v1.12.3-eksbuild.1" }
    pod_identities         = { tidewatch = { namespace = "tidewatch", service_account = "tidewatch", role_arn = "arn:aws:iam::123456789012:role/tidewatch" } }
    access_entries = {
      operators = { principal = "arn:aws:iam::123456789012:role/operators", policy = "AmazonEKSClusterAdminPolicy" }
      deploy    = { principal = "arn:aws:iam::123456789012:role/deploy", policy = "AmazonEKSEditPolicy", scope = ["tidewatch"] }
    }
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.subnet_ids == toset(["subnet-a"])]) && aws_eks_cluster.this.vpc_config[0].subnet_ids == toset(var.subnet_ids)
    error_message = "nodes run in a zone without work"
  }
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["198.51.100.0/24"])
    error_message = "the public endpoint is open to other addresses than the named ones"
  }
  assert {
    condition     = aws_eks_access_policy_association.this["deploy"].access_scope[0].type == "namespace" && aws_eks_access_policy_association.this["deploy"].access_scope[0].namespaces == toset(["tidewatch"])
    error_message = "who deploys may do so outside of the named namespace"
  }
  assert {
    condition     = aws_eks_access_policy_association.this["operators"].access_scope[0].type == "cluster" && aws_eks_access_policy_association.this["operators"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    error_message = "operators do not administer the whole cluster"
  }
  assert {
    condition     = aws_eks_addon.workload["coredns"].addon_version == "v1.12.3-eksbuild.1"
    error_message = "the named version of an add-on is not taken"
  }
  assert {
    condition     = aws_eks_pod_identity_association.this["tidewatch"].service_account == "tidewatch"
    error_message = "the service account does not get its role"
  }
}

run "public_endpoint_without_addresses_is_refused" {
  command = plan
  variables {
    endpoint_public_access = true
  }
  expect_failures = [aws_eks_cluster.this]
}

run "public_endpoint_for_the_world_is_refused" {
  command = plan
  variables {
    endpoint_public_access = true
    public_access_cidrs    = ["0.0.0.0/0"]
  }
  expect_failures = [var.public_access_cidrs]
}

run "old_kubernetes_is_refused" {
  command = plan
  variables {
    kubernetes_version = "1.31"
  }
  expect_failures = [var.kubernetes_version]
}

run "system_group_on_spot_is_refused" {
  command = plan
  variables {
    node_groups = {
      system = { instance_types = ["m6i.large", "m5.large", "m6a.large"], capacity = "SPOT", min_size = 1, desired_size = 1, max_size = 2 }
    }
  }
  expect_failures = [var.node_groups]
}

run "iam_user_is_refused" {
  command = plan
  variables {
    access_entries = { somebody = { principal = "arn:aws:iam::123456789012:user/somebody", policy = "AmazonEKSViewPolicy" } }
  }
  expect_failures = [var.access_entries]
}

run "operators_and_runners" {
  command = plan

  variables {
    admin_security_group_ids = ["sg-0a"]
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.admin : "${rule.referenced_security_group_id} ${rule.security_group_id} ${rule.ip_protocol} ${rule.from_port}-${rule.to_port}" if rule.cidr_ipv4 == null] == ["sg-0a ${output.cluster_security_group_id} tcp 443-443"]
    error_message = "operators can't reach the Kubernetes API, or reach more"
  }
}
