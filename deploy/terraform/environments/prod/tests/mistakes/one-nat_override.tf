# finds: an outage of one zone cuts the others off
module "estate" {
  network = {
    zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
    nat   = "one"
  }
}
