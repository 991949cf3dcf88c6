"""What deploy, rollback and smoke-test share: kubectl, the state of a release in the cluster, and the way back."""
