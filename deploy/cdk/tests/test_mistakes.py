"""Mistakes in the functions, each of which a test of theirs has to find: planted in the source, in this process, and taken back."""

import inspect

import pytest
import test_cache
import test_connections
import test_deliver
import test_fanout
import test_sign_in
import test_transition
from feed import connect, deliver, fanout, messages, posting, sign_in, snapshot, store, transition


class Planted:
    """A module with other source. Classes stay the ones that others have imported, and get the other source's methods."""

    def __init__(self, module, right, wrong):
        source = inspect.getsource(module)
        assert source.count(right) == 1, f"{right!r} is {source.count(right)} times in {module.__name__}"
        self._module, self._source, self._kept = module, source, None
        self._wrong = source.replace(right, wrong)

    def __enter__(self):
        self._run(self._wrong)

    def __exit__(self, *_):
        self._run(self._source)

    def _run(self, source):
        names = vars(self._module)
        classes = {name: it for name, it in names.items() if inspect.isclass(it) and it.__module__ == self._module.__name__}
        exec(compile(source, self._module.__file__, "exec"), names)
        for name, it in classes.items():
            for method, function in vars(names[name]).items():
                if inspect.isfunction(function) and method in vars(it) and method != "__repr__":
                    setattr(it, method, function)
            names[name] = it


MISTAKES = {
    "late record opens again": (store, "held > ARGV[2] then return 0", "false then return 0", test_fanout.test_late_record_opens_nothing_again, 0),
    "late record in a whole feed": (store, "held > ARGV[2] then return 0", "false then return 0",
                                    test_fanout.test_feed_of_a_former_release_comes_to_what_it_said_in_every_order, 0),
    "epoch is no matter": (transition, '{int(epoch):020d}', '{0:020d}', test_transition.test_revisions_are_in_the_order_of_time_epoch_and_status, None),
    "epoch is a text": (transition, '{int(epoch):020d}', '{epoch:<020}', test_transition.test_revisions_are_in_the_order_of_time_epoch_and_status, None),
    "what is said again is as old as before": (transition, "{max(times)}", "{times[0]}",
                                               test_transition.test_revisions_are_in_the_order_of_time_epoch_and_status, None),
    "infinity is a number": (transition, "if not math.isfinite(value)", "if False", test_transition.test_what_is_no_transition_is_unreadable_with_the_reason, -1),
    "alerts are never forgotten": (store, "if #forgotten > 0", "if false", test_fanout.test_alert_is_forgotten_when_the_topic_forgets_it, None),
    "connections without a bound": (store, ">= tonumber(ARGV[5])", "< 0", test_connections.test_connection_beyond_the_bound_is_refused, None),
    "connections for ever": (store, 'CONNECTIONS, f"({now}", "+inf"', 'CONNECTIONS, "-inf", "+inf"',
                             test_connections.test_connection_whose_end_was_not_seen_is_forgotten_after_two_hours, None),
    "wrong filters are let in": (connect, '"statusCode": 400', '"statusCode": 200', test_connections.test_wrong_filter_is_refused_with_the_reason, 0),
    "snapshots without the filter": (snapshot, 'if _takes(wanted, each["alert"])', "if True",
                                     test_connections.test_late_client_gets_what_is_open_and_passes_its_filter, None),
    "snapshots as often as one likes": (snapshot, "if not store.may_ask", "if False and store.may_ask",
                                        test_connections.test_snapshot_again_at_once_is_refused, None),
    "snapshots of one page": (messages, "if page and size", "if False and size", test_connections.test_snapshot_is_sent_in_pages_of_whole_alerts, None),
    "too large a message": (messages, "if _fits(entry):\n        return entry", "if True:\n        return entry",
                            test_transition.test_entry_that_is_too_large_loses_what_matters_least, 1),
    "text as it came": (messages, 'separators=(",", ":"), allow', 'separators=(",", ":"), ensure_ascii=False, allow', test_transition.test_hostile_text_is_escaped, None),
    "records passed over without a cache": (fanout, "trouble, is_over = error, True\n                failed.setdefault(*place)\n                break", "pass",
                                            test_fanout.test_all_is_read_again_while_the_cache_is_away, None),
    "records passed over without SNS": (fanout, "refused, trouble = {each[\"Id\"] for each in entries}, error", "refused, trouble = set(), error",
                                        test_fanout.test_nothing_is_passed_over_while_sns_is_away, None),
    "read again behind what failed": (fanout, "min(offset, failed.get(partition, offset))", "max(offset, failed.get(partition, offset)) + 1",
                                      test_fanout.test_batch_that_sns_refuses_in_part_is_read_again_from_there, None),
    "one group for all alerts": (fanout, "hashlib.sha256(change.key.encode()).hexdigest()", '"one"',
                                 test_fanout.test_message_carries_what_queues_filter_by_and_has_its_alerts_group, None),
    "unreadable records are lost": (fanout, "problem := _reject(record, error)", "problem := None",
                                    test_fanout.test_unreadable_record_is_kept_with_its_place_and_holds_up_nothing, None),
    "what was replaced is sent": (deliver, '> entry["revision"]', '> "9"', test_deliver.test_what_a_later_transition_has_replaced_is_not_sent, None),
    "who took it gets it again": (deliver, "store.sent(message) if attempt > 1 else ()", "()", test_deliver.test_who_took_it_does_not_get_it_again_with_the_others, None),
    "one connection fails all": (deliver, "        return error\n", "        raise\n", test_deliver.test_connection_that_api_gateway_refuses_is_no_matter_of_the_others, None),
    "one message fails all": (deliver, "except Exception as error", "except NotTaken as error", test_deliver.test_message_that_is_none_of_the_feed_fails_alone, 0),
    "a mistake holds up the partition": (fanout, "except Exception as error", "except ZeroDivisionError as error",
                                         test_fanout.test_record_that_the_feed_itself_fails_on_holds_up_nothing, None),
    "reads beyond its time": (fanout, "remaining() < READ", "0 > READ", test_fanout.test_batch_is_worked_off_however_slow_cache_and_sns_are, 1),
    "publishes beyond its time": (fanout, "remaining() < PUBLISH", "0 > PUBLISH", test_fanout.test_batch_is_worked_off_however_slow_cache_and_sns_are, 2),
    "any day exists": (transition, "datetime.datetime(*map(int, whole))", "pass", test_transition.test_time_of_a_header_has_to_exist_too, None),
    "any depth": (transition, "range(_NESTING_MAX)", "range(10**6)", test_transition.test_what_is_read_can_be_written_however_deep_it_is, 4),
    "what is missing is cut": (messages, "if name in alert and isinstance(alert[name]", "if isinstance(alert.get(name)", test_transition.test_no_record_is_a_mistake_of_the_feed, 0),
    "a client that found no nodes is kept": (store, "self._client = None\n            if", "if", test_cache.test_cache_that_had_no_nodes_is_found_again, None),
    "who connects is gone": (deliver, "int(time.time()) - CONNECTING_SECONDS", "int(time.time())", test_deliver.test_client_that_is_about_to_be_there_is_not_gone, None),
    "one partition holds up all": (fanout, "trouble = problem", "trouble, is_over = problem, True",
                                   test_fanout.test_other_partitions_do_not_wait_for_one_whose_record_could_not_be_kept, None),
    "later ones overtake": (deliver, "if group not in failed_groups:\n            try", "if True:\n            try", test_deliver.test_where_nobody_takes_it_it_is_sent_again_and_nobody_is_closed, None),
    "an outage closes all": (deliver, "if slow and not by_outcome", "if False and not by_outcome",
                             test_deliver.test_where_nobody_takes_it_it_is_sent_again_and_nobody_is_closed, None),
    "nobody is ever closed": (deliver, "list(threads.map(lambda id: connections.close(id, deadline), slow))", "pass", test_deliver.test_slow_client_is_closed_and_holds_up_no_other, None),
    "ends by the filter": (deliver, 'alert["status"] == "resolved" or', "", test_deliver.test_end_goes_to_all_because_labels_may_have_changed, None),
    "begun without time": (deliver, "< MESSAGE_MILLISECONDS", "< 0", test_deliver.test_what_time_does_not_suffice_for_is_left_to_the_next_call, None),
    "those without time are forgotten": (deliver, "if not_tried:", "if False:",
                                         test_deliver.test_connections_that_time_does_not_suffice_for_get_it_at_the_next_attempt, None),
    "no pause": (deliver, "5 * 2 ** (attempt - 1)", "0", test_deliver.test_pauses_grow_up_to_five_minutes, None),
    "comes again when the queue likes": (deliver, "_come_again(record, failed", "(record, failed",
                                         test_deliver.test_message_that_failed_is_in_the_queue_again_and_one_that_was_sent_is_not, None),
    "the gone are slow": (posting, "if status == 410", "if status == 411", test_deliver.test_client_that_is_gone_is_forgotten, None),
    "tried once": (posting, "ATTEMPTS = 3", "ATTEMPTS = 1", test_deliver.test_post_that_is_refused_for_now_is_tried_again_with_growing_pauses, 0),
    "the session is let go": (sign_in, "self._session = session", "pass", test_sign_in.test_token_is_made_anew_when_only_the_provider_is_left, None),
    "a token for ever": (sign_in, "not 0 <= now - self._made_at <= TOKEN_SECONDS - 300", "False", test_sign_in.test_token_is_made_anew_before_it_expires, None),
}


@pytest.mark.parametrize("module, right, wrong, test, case", MISTAKES.values(), ids=[each.replace(" ", "-") for each in MISTAKES])
def test_mistake_is_found(request, module, right, wrong, test, case):
    arguments = {}
    for mark in getattr(test, "pytestmark", []):
        names, cases = [each.strip() for each in mark.args[0].split(",")], list(mark.args[1])
        chosen = cases[case or 0]
        arguments |= dict(zip(names, chosen if len(names) > 1 else [chosen]))
    for name in inspect.signature(test).parameters:
        if name not in arguments:
            arguments[name] = request.getfixturevalue(name)
    with Planted(module, right, wrong):
        with pytest.raises((Exception, pytest.fail.Exception)) as error:
            test(**arguments)
    assert not isinstance(error.value, (NameError, SyntaxError, TypeError, AttributeError)), f"it fails by itself: {error.value!r}"
