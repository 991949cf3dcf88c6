# finds: staging does not try what happens between zones
module "estate" {
  network = {
    cidr          = "10.2.0.0/16"
    zones         = ["us-east-1a"]
    standby_zones = ["us-east-1b"]
    nat           = "one"
  }
}
