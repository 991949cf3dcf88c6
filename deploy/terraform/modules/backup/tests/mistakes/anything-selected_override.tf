# finds: what has the tag is not backed up, or something else is
resource "aws_backup_selection" "this" {
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Environment"
    value = "test"
  }
}
