# finds: telemetry that tells of an attack is taken for one
locals {
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = { priority = 1, counted = [] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 2, counted = ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY"] }
    AWSManagedRulesCommonRuleSet          = { priority = 3, counted = ["SizeRestrictions_BODY", "EC2MetaDataSSRF_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "CrossSiteScripting_BODY", "NoUserAgent_HEADER"] }
  }
}
