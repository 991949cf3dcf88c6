# finds: the second region backs up what it has copies of
module "backup" {
  plans = true
}
