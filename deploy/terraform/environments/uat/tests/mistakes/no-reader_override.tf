# finds: users try something that prod is not
module "estate" {
  aurora = { instance_class = "db.r7g.large", readers = 0 }
}
