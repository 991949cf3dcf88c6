"""The way back: the former colour gets its pods again, then the new one loses them."""

import time

from .cluster import Failure, say


def take_back(cluster, limit, now=time.monotonic):
    """Ends a release that is under way, or the one that is live. Returns what is live then and the seconds it took.

    The former pods are ready before the new ones go, so that partitions always have owners; in between both are members of one group,
    which counts exactly.
    """
    began = now()
    new = cluster.under_way() or cluster.live()
    if new is None:
        raise Failure("there is no release to take back")
    former = None
    if new.phase == "live" and not new.replaces:
        raise Failure(f"{new.name} replaced nothing, so that there is nothing to go back to")
    # Who comes after an interruption goes on with this.
    cluster.note(new.name, phase="going-back")
    if new.replaces:
        former, replicas = new.replaces
        cluster.scale(former, replicas)
        cluster.wait_ready(former, limit)
        say(f"{former} has its {replicas} pods again")
        cluster.note(former, phase="live")
    cluster.scale(new.name, 0)
    cluster.wait_gone(new, limit)
    cluster.note(new.name, phase="failed")
    seconds = now() - began
    say(f"rolled back in {seconds:.1f} s: {former or 'nothing'} is live, {new.name} has no pods")
    return former, seconds
