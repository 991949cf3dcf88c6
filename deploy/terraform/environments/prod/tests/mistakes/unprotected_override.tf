# finds: prod can be deleted by mistake
module "estate" {
  protected = false
}
