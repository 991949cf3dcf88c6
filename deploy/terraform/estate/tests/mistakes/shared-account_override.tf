# finds: an account has detectors or trails twice
module "security" {
  count = 1
}
