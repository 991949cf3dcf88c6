/// One family of Prometheus metrics: its name, what it means, and whether it only grows or is a distribution.
///
/// Two are the same if their names are.
public struct MetricFamily: Sendable, Hashable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }

    public let name: String
    public let help: String
    public let kind: Kind

    init(_ kind: Kind, _ name: String, _ help: String) {
        self.kind = kind
        self.name = name
        self.help = help
    }

    public static func == (one: MetricFamily, other: MetricFamily) -> Bool { one.name == other.name }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension MetricFamily {
    package static let messagesConsumed = MetricFamily(
        .counter, "tidewatch_messages_consumed_total", "Kafka messages consumed, by topic.")
    package static let bytesConsumed = MetricFamily(
        .counter, "tidewatch_consumed_bytes_total", "Bytes of Kafka message values consumed, by topic.")
    package static let eventsDecoded = MetricFamily(
        .counter, "tidewatch_events_decoded_total", "Events decoded, by type.")
    package static let eventsDeadLettered = MetricFamily(
        .counter, "tidewatch_events_dead_lettered_total", "Records sent to the dead letter, by reason.")
    package static let eventsLate = MetricFamily(
        .counter, "tidewatch_events_late_total", "Events older than the late horizon, not counted, by type.")
    package static let eventsDuplicate = MetricFamily(
        .counter, "tidewatch_events_duplicate_total",
        "Events that were delivered before and not counted again, by topic.")
    package static let eventsConflicting = MetricFamily(
        .counter, "tidewatch_events_conflicting_total",
        "Events under an identity that was delivered before with other facts, by topic; they are counted.")
    package static let identitiesEvicted = MetricFamily(
        .counter, "tidewatch_dedup_evictions_total",
        "Identities forgotten because more came than the window holds, by topic.")
    package static let pointsRefused = MetricFamily(
        .counter, "tidewatch_metric_points_refused_total",
        "Points of metrics that an SLO or a rollup takes and that were not counted, by topic, metric and reason.")
    package static let flushSeconds = MetricFamily(
        .gauge, "tidewatch_last_flush_seconds", "How long the last publication of registers took.")
    package static let promptFlushes = MetricFamily(
        .counter, "tidewatch_prompt_flushes_total",
        "Flushes of a partition that did not wait for the interval, as event time had passed the end of a slice or a watched window."
    )
    package static let unflushedSeconds = MetricFamily(
        .gauge, "tidewatch_unflushed_message_seconds",
        "Age of the oldest message that is begun or counted and not on its way to the registers, by worker.")
    package static let partitionPosition = MetricFamily(
        .gauge, "tidewatch_partition_position", "The next offset that is to be counted, by topic and partition.")
    package static let partitionEventTime = MetricFamily(
        .gauge, "tidewatch_partition_event_timestamp_seconds",
        "The latest event time that was counted, by topic and partition.")
    package static let partitionUnflushedSeconds = MetricFamily(
        .gauge, "tidewatch_partition_unflushed_seconds",
        "Age of the oldest message that is begun or counted and not on its way to the registers, by topic and partition."
    )
    package static let partitionUnflushedEvents = MetricFamily(
        .gauge, "tidewatch_partition_unflushed_events",
        "Events that are counted and not on their way to the registers, by topic and partition.")
    package static let partitionHeldBytes = MetricFamily(
        .gauge, "tidewatch_partition_held_bytes",
        "About what the counts take that are not on their way to the registers, by topic and partition.")
    package static let sourceGaps = MetricFamily(
        .counter, "tidewatch_source_gaps_total", "Positions in input topics that were lost, by topic and cause.")
    package static let sourceGapRecords = MetricFamily(
        .counter, "tidewatch_source_gap_records_total",
        "Offsets that retention took before they were read, by topic.")
    package static let consumptionPaused = MetricFamily(
        .gauge, "tidewatch_consumption_paused", "1 while reading waits for acknowledgements, or for a rebalance.")
    package static let registersSkipped = MetricFamily(
        .counter, "tidewatch_register_entries_skipped_total",
        "Entries of registers that did not count, by reason: superseded and repeated are harmless, beheaded is the rest of one that "
            + "lies before the log's beginning.")
    package static let chainsSuperseded = MetricFamily(
        .counter, "tidewatch_chains_superseded_total",
        "Partitions of this member that the registers said were another owner's, by topic: claims that no member made.")
    package static let recordsPassedOver = MetricFamily(
        .counter, "tidewatch_state_records_passed_over_total",
        "Records of our own topics that could not be read and were passed over on request, by topic: what they say is missing."
    )
    package static let recordsUnauthentic = MetricFamily(
        .counter, "tidewatch_state_records_unauthentic_total",
        "Records of our own topics that carried no right authentication code and were passed over, by topic and reason."
    )
    package static let rollupCellsLate = MetricFamily(
        .counter, "tidewatch_rollup_cells_late_total",
        "Cells of rollup windows that came after the window was evaluated, and were dropped.")
    package static let rollupCellsForeign = MetricFamily(
        .counter, "tidewatch_rollup_cells_foreign_total",
        "Cells of a rollup that was defined otherwise when they were counted; they are left out.")
    package static let rollupCellsFolded = MetricFamily(
        .counter, "tidewatch_rollup_cells_folded_total",
        "Cells that went into the group (other) because a rollup's window had as many groups as it may have, by rollup."
    )
    package static let monitorGroupsUntracked = MetricFamily(
        .counter, "tidewatch_monitor_groups_untracked_total",
        "Groups of windows that a monitor did not watch, because it watches as many as it may have, by monitor.")
    package static let setsDegraded = MetricFamily(
        .counter, "tidewatch_distinct_sets_degraded_total", "Sets of distinct values that became estimates.")
    package static let valuesShortened = MetricFamily(
        .counter, "tidewatch_rollup_values_shortened_total",
        "Values of groups and of distinct sets that are kept as their beginning and a hash, because they are long.")
    package static let valuesNotNumeric = MetricFamily(
        .counter, "tidewatch_values_not_numeric_total",
        "Values that were to be added up or compared and are no numbers.")
    package static let sumsRounded = MetricFamily(
        .counter, "tidewatch_sums_rounded_total",
        "Sums of a slice that were no whole numbers when they were published, and were rounded.")
    package static let alertTransitions = MetricFamily(
        .counter, "tidewatch_alert_transitions_total", "Alert transitions published, by status.")
    package static let auditRecords = MetricFamily(
        .counter, "tidewatch_audit_records_total", "Audit records published.")
    package static let auditRecordsTruncated = MetricFamily(
        .counter, "tidewatch_audit_records_truncated_total",
        "Audit records published that hold less than the event, as something in it was too long.")
    package static let auditUndecided = MetricFamily(
        .counter, "tidewatch_audit_filter_errors_total",
        "Events that audit.include came to no answer for, and that were not recorded.")
    package static let alertsOpen = MetricFamily(.gauge, "tidewatch_alerts_open", "Alerts that are open now.")
    package static let partitionLag = MetricFamily(
        .gauge, "tidewatch_partition_lag_records", "Records between the position and the end, by topic and partition.")
    package static let watermark = MetricFamily(
        .gauge, "tidewatch_watermark_timestamp_seconds", "Event time up to which windows are closed.")
    package static let clockOffset = MetricFamily(
        .gauge, "tidewatch_clock_offset_seconds",
        "How far the host's clock is ahead of the broker's, which is the one that is believed; below 0 behind it.")
    package static let clockIsHosts = MetricFamily(
        .gauge, "tidewatch_clock_is_hosts",
        "1 while the host's clock is the one that is believed, because the broker has told no time of its own.")
    package static let clockIsOff = MetricFamily(
        .gauge, "tidewatch_clock_off",
        "1 while the host's clock differs from the broker's by more than a minute, and no partitions are taken.")
    package static let eventTimeAhead = MetricFamily(
        .gauge, "tidewatch_partition_event_time_ahead_seconds",
        "How far a partition's event time is ahead of the clock that is believed, by topic and partition; below 0 behind it."
    )
    package static let rebalances = MetricFamily(
        .counter, "tidewatch_rebalances_total", "Partitions assigned and revoked, by direction.")
    package static let drainSeconds = MetricFamily(
        .gauge, "tidewatch_last_drain_seconds", "How long the last drain before a revoke took.")
    package static let offsetsCommitted = MetricFamily(
        .counter, "tidewatch_offset_commits_total", "Commits of source offsets, by result.")
    package static let notifications = MetricFamily(
        .counter, "tidewatch_notifications_total", "Requests to a sink, by sink and result.")
    package static let pageSeconds = MetricFamily(
        .histogram, "tidewatch_page_seconds",
        "From reading the record that completes an alert's slice in the last of its partitions until a sink has taken the alert that "
            + "opens, by sink.")
    package static let pageStepSeconds = MetricFamily(
        .histogram, "tidewatch_page_step_seconds",
        "How long each step towards a page takes: counted, logged, judged, published, posted; by step.")
    package static let notificationsSilent = MetricFamily(
        .counter, "tidewatch_notifications_suppressed_total",
        "Alert transitions that a sink was not to be told, by sink and reason.")
    package static let notificationsWaiting = MetricFamily(
        .gauge, "tidewatch_notifications_waiting",
        "Alert transitions that were read and that the sink has not taken yet, by sink.")
    package static let notificationsOldest = MetricFamily(
        .gauge, "tidewatch_notifications_oldest_seconds",
        "Since when the oldest of them is in the feed, 0 where none waits, by sink.")
    package static let notificationsRemembered = MetricFamily(
        .gauge, "tidewatch_notification_log_alerts", "Alerts of which the notification log holds something, by sink.")
    package static let notificationsPaused = MetricFamily(
        .gauge, "tidewatch_notifications_paused_partitions",
        "Partitions of the feed that are not read on because too much waits, by sink.")
    package static let objectiveGood = MetricFamily(
        .gauge, "tidewatch_slo_good", "Good records or slices over the objective's window, by SLO.")
    package static let objectiveTotal = MetricFamily(
        .gauge, "tidewatch_slo_total", "Records or slices over the objective's window, by SLO.")
    package static let objectiveBudget = MetricFamily(
        .gauge, "tidewatch_slo_error_budget_remaining_ratio", "Error budget left, 1 is all of it, by SLO.")
    package static let objectiveTarget = MetricFamily(
        .gauge, "tidewatch_slo_target_ratio", "What the objective asks for, by SLO.")
    package static let objectiveBurnRate = MetricFamily(
        .gauge, "tidewatch_slo_burn_rate",
        "How fast the budget burns over a look-back, 1 spends it in the SLO's window, by SLO and window.")
    package static let objectiveStatus = MetricFamily(
        .gauge, "tidewatch_slo_status", "1 for what the objective comes to and 0 for the rest, by SLO and status.")
    package static let objectiveInfo = MetricFamily(
        .gauge, "tidewatch_slo_info", "Always 1: the SLO's service, method and labels, by label.")
    package static let selectorUnmatched = MetricFamily(
        .gauge, "tidewatch_selector_unmatched",
        "1 where a part of an SLO matched no record in its window, by SLO and part.")
    package static let inconsistentSlices = MetricFamily(
        .gauge, "tidewatch_slo_inconsistent_slices",
        "Slices whose good or bad exceeds their total, which are in no sum, by SLO.")
    package static let objectiveGroups = MetricFamily(
        .gauge, "tidewatch_slo_groups",
        "Groups of an SLO that has some: kept apart, and whether others are counted together, by SLO and state.")
    package static let objectiveHistories = MetricFamily(
        .gauge, "tidewatch_slo_histories",
        "Histories of SLOs in this member's shards, by state: of present definitions, or of former ones that no report's window is "
            + "past yet.")
    package static let objectiveHistoriesRemoved = MetricFamily(
        .counter, "tidewatch_slo_histories_removed_total",
        "Histories of former definitions and removed SLOs that were taken out because no window reaches them.")
    package static let objectiveAmountsUnknown = MetricFamily(
        .counter, "tidewatch_slo_amounts_unknown_total",
        "Counts of an SLO's definition that could not be kept, because nothing tells how its slices are cut.")
    package static let objectiveRecordsUnjudged = MetricFamily(
        .counter, "tidewatch_slo_records_unjudged_total",
        "Records that are missing in judgements of before: they came behind an idle mark, or more was late than is kept apart; by reason."
    )
    package static let takeoverSeconds = MetricFamily(
        .gauge, "tidewatch_last_takeover_seconds", "How long partitions waited while they were taken over last.")
    package static let restoreSeconds = MetricFamily(
        .gauge, "tidewatch_last_restore_seconds", "How long the last restoring of shards took.")
    package static let partitionsWaiting = MetricFamily(
        .gauge, "tidewatch_partitions_waiting",
        "Partitions of this member that are not counted, because their leaders do not answer.")
    public static let buildInfo = MetricFamily(
        .gauge, "tidewatch_build_info", "Always 1: the version and the commit that this was built from, by label.")
    public static let configurationInfo = MetricFamily(
        .gauge, "tidewatch_config_info",
        "Always 1: SHA-256 of the settings file and over the files of resources, by label.")
    package static let processCPU = MetricFamily(
        .counter, "process_cpu_seconds_total", "Processor time that the process took, user and system.")
    package static let processResidentMemory = MetricFamily(
        .gauge, "process_resident_memory_bytes", "Memory of the process that is in RAM.")
    package static let processVirtualMemory = MetricFamily(
        .gauge, "process_virtual_memory_bytes", "The process's address space.")
    package static let processOpenFiles = MetricFamily(
        .gauge, "process_open_fds", "Open files and connections of the process.")
    package static let processOpenFilesMax = MetricFamily(
        .gauge, "process_max_fds", "How many of them it may have.")
    package static let processStart = MetricFamily(
        .gauge, "process_start_time_seconds", "When the process began, in seconds since 1970.")
    package static let httpConnections = MetricFamily(
        .gauge, "tidewatch_http_connections", "Connections of the own ports, by server.")
    package static let httpConnectionsClosed = MetricFamily(
        .counter, "tidewatch_http_connections_closed_total",
        "Connections of the own ports that were closed for a bound or a time-out, by server and reason.")
    package static let filesReread = MetricFamily(
        .counter, "tidewatch_files_reread_total",
        "Changed files of secrets, keys and certificates that were taken or refused, by setting and result.")
    package static let restartNeeded = MetricFamily(
        .gauge, "tidewatch_restart_needed",
        "1 where a file has changed that is only read at a start, by setting.")
    package static let readySeconds = MetricFamily(
        .gauge, "tidewatch_ready_seconds", "From the start of the process to readiness.")
}
