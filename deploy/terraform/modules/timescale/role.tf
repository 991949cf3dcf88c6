locals {
  account               = "${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}"
  certificate_parameter = "/${var.name}/timescale/certificate"
  metrics_namespace     = "${var.name}-timescale"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-timescale"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-timescale"
  role = aws_iam_role.this.name
}

# Operators come by Session Manager: no key, no open port, and each session is on record.
resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Password"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.this.arn]
  }

  statement {
    sid       = "KeyOfThePassword"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Certificate"
    actions   = ["ssm:PutParameter"]
    resources = ["arn:${data.aws_partition.this.partition}:ssm:${local.account}:parameter${local.certificate_parameter}"]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  # PutMetricData knows no resources; a namespace narrows it.
  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = [local.metrics_namespace]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "timescale"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}
