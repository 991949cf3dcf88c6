# Redis lets a client in as `default` who names no user, so ElastiCache wants one in each group. It is off and may do nothing.
resource "aws_elasticache_user" "default" {
  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off resetchannels -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

# IAM knows a user by its id and Redis by its name: they must be the same, and ids are one space in an account, hence the prefix.
resource "aws_elasticache_user" "iam" {
  for_each = var.users

  user_id       = "${var.name}-${each.key}"
  user_name     = "${var.name}-${each.key}"
  engine        = "redis"
  access_string = each.value

  authentication_mode {
    type = "iam"
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "redis"
  user_ids      = concat([aws_elasticache_user.default.user_id], [for user in aws_elasticache_user.iam : user.user_id])
}
