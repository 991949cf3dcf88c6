# RDS and Aurora do not offer the extension TimescaleDB (its features beyond the Apache licence may not be offered as a service by others),
# so "PostgreSQL prepared for it" is an instance of EC2: PostgreSQL from its own repository and TimescaleDB from Timescale's, the data on a
# volume of its own, that stays when the instance is made anew. What that means, beside Aurora:
#
# - One instance in one zone. Where it fails, EC2 recovers it in minutes; where its zone does, a snapshot is restored in another.
# - Backups are the volume's snapshots, which a plan finds by backup_tags. Data and write-ahead log lie on one volume, so PostgreSQL starts
#   from any of them as after a power failure. What was written since the last one is lost: there is no point in time to restore to.
# - Patches of the system come by unattended-upgrades; those of PostgreSQL and TimescaleDB with a new instance.
#
# Tidewatch itself needs none of it: use it where an estate's own services keep time series.
data "aws_partition" "this" {}
data "aws_region" "this" {}
data "aws_caller_identity" "this" {}
data "aws_default_tags" "this" {}

data "aws_ssm_parameter" "image" {
  count = var.ami_id == null ? 1 : 0

  name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id"
}

locals {
  tags = merge(data.aws_default_tags.this.tags, { Name = "${var.name}-timescale" })

  settings = {
    ADDRESS               = aws_network_interface.this.private_dns_name
    AWS_DEFAULT_REGION    = data.aws_region.this.name
    CERTIFICATE_PARAMETER = local.certificate_parameter
    DATABASE              = var.database_name
    OWNER                 = local.owner
    POSTGRESQL            = var.postgresql_version
    SECRET                = aws_secretsmanager_secret.this.arn
    TIMESCALEDB           = var.timescaledb_version
    VOLUME                = aws_ebs_volume.data.id
  }
}

# The address outlives the instance, and the certificate is good for it.
resource "aws_network_interface" "this" {
  subnet_id       = var.subnet_id
  security_groups = var.security_group_ids
  description     = "PostgreSQL with TimescaleDB"

  tags = { Name = "${var.name}-timescale" }
}

resource "aws_instance" "this" {
  ami                     = coalesce(var.ami_id, try(data.aws_ssm_parameter.image[0].insecure_value, null))
  instance_type           = var.instance_type
  iam_instance_profile    = aws_iam_instance_profile.this.name
  ebs_optimized           = true
  monitoring              = true
  disable_api_termination = var.deletion_protection

  # Nothing in it is secret: the password is read by the instance's role.
  user_data = join("\n", concat(
    ["#!/usr/bin/env bash"],
    [for name, value in local.settings : "export ${name}='${value}'"],
    [file("${path.module}/prepare.sh")],
  ))
  user_data_replace_on_change = true

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.this.id
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 20
    encrypted   = true
    kms_key_id  = var.kms_key_arn
    tags        = local.tags
  }

  tags = { Name = "${var.name}-timescale" }

  lifecycle {
    # A newer image is taken with the next instance, not by itself.
    ignore_changes = [ami]
  }

  # The script needs all of them.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.ssm, aws_secretsmanager_secret_version.this]
}

resource "aws_ebs_volume" "data" {
  availability_zone = var.availability_zone
  type              = "gp3"
  size              = var.volume_size_gb
  iops              = var.volume_iops
  throughput        = var.volume_throughput_mibps
  encrypted         = true
  kms_key_id        = var.kms_key_arn
  final_snapshot    = true

  tags = merge(var.backup_tags, { Name = "${var.name}-timescale-data" })
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.this.id
  # An instance that goes has its file systems flushed first.
  stop_instance_before_detaching = true
}
