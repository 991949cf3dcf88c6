# finds: no backup plan finds the data's volume
resource "aws_ebs_volume" "data" {
  tags = { Name = "${var.name}-timescale-data", Backup = "false" }
}
