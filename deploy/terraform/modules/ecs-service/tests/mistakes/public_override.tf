# finds: the health port can be reached from outside
resource "aws_lb" "this" {
  internal = false
}
