output "address" {
  description = "Private DNS name of the instance, which its certificate carries. It stays when the instance is made anew."
  value       = aws_network_interface.this.private_dns_name
}

output "endpoint" {
  description = "Address and port of PostgreSQL."
  value       = "${aws_network_interface.this.private_dns_name}:5432"
}

output "instance_id" {
  description = "Id of the instance, for Session Manager."
  value       = aws_instance.this.id
}

output "volume_ids" {
  description = "Ids of the volumes to back up."
  value       = [aws_ebs_volume.data.id]
}

output "volume_arns" {
  description = "ARNs of the volumes to back up."
  value       = [aws_ebs_volume.data.arn]
}

output "secret_arn" {
  description = "Secret of the database's owner (username, password)."
  value       = aws_secretsmanager_secret.this.arn
}

output "certificate_parameter_name" {
  description = "Parameter that the instance writes its certificate to, for clients with sslmode=verify-full."
  value       = local.certificate_parameter
}

output "log_group_name" {
  description = "Log group of PostgreSQL."
  value       = aws_cloudwatch_log_group.this.name
}
