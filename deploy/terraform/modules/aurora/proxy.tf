# Connections outlive a failover here, and who connects shows an IAM token in place of a password.
locals {
  proxy_secrets = length(var.proxy_secret_arns) > 0 ? var.proxy_secret_arns : { master = local.master_secret_arn }
}

resource "aws_db_proxy" "this" {
  name                   = var.name
  engine_family          = "POSTGRESQL"
  role_arn               = aws_iam_role.proxy.arn
  require_tls            = true
  vpc_subnet_ids         = var.proxy_subnet_ids
  vpc_security_group_ids = var.proxy_security_group_ids

  dynamic "auth" {
    for_each = local.proxy_secrets
    content {
      auth_scheme = "SECRETS"
      iam_auth    = "REQUIRED"
      description = auth.key
      secret_arn  = auth.value
    }
  }

  depends_on = [aws_cloudwatch_log_group.proxy, aws_iam_role_policy.proxy]
}

resource "aws_db_proxy_default_target_group" "this" {
  db_proxy_name = aws_db_proxy.this.name

  connection_pool_config {
    max_connections_percent      = 90
    max_idle_connections_percent = 50
    connection_borrow_timeout    = 30
  }
}

resource "aws_db_proxy_target" "this" {
  db_proxy_name         = aws_db_proxy.this.name
  target_group_name     = aws_db_proxy_default_target_group.this.name
  db_cluster_identifier = aws_rds_cluster.this.cluster_identifier

  # A proxy finds no target in a cluster without instances.
  depends_on = [aws_rds_cluster_instance.this]
}

# In a second region all instances are readers.
resource "aws_db_proxy_endpoint" "reader" {
  count = var.readers > 0 || local.secondary ? 1 : 0

  db_proxy_name          = aws_db_proxy.this.name
  db_proxy_endpoint_name = "${var.name}-reader"
  target_role            = "READ_ONLY"
  vpc_subnet_ids         = var.proxy_subnet_ids
  vpc_security_group_ids = var.proxy_security_group_ids
}

resource "aws_iam_role" "proxy" {
  name                 = "${var.name}-aurora-proxy"
  assume_role_policy   = data.aws_iam_policy_document.trust["rds"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "proxy" {
  statement {
    sid       = "SecretsOfItsUsers"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(local.proxy_secrets)
  }

  statement {
    sid       = "KeyOfTheSecrets"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "proxy" {
  name   = "secrets"
  role   = aws_iam_role.proxy.name
  policy = data.aws_iam_policy_document.proxy.json
}
