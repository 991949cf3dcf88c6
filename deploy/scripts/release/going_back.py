"""The way back: the former colour gets its pods again, then the new one loses them."""

import time

from .cluster import Failure, PHASE, RUN, Superseded, say


def take_back(cluster, limit, now=time.monotonic):
    """Ends a release that is under way, or the one that is live. Returns what is live then and the seconds it took.

    The former pods are ready before the new ones go, so that partitions always have owners; in between both are members of one group,
    which counts exactly.
    """
    began = now()
    new = cluster.under_way() or cluster.live()
    if new is None:
        raise Failure("there is no release to take back")
    if new.phase == "live" and not new.replaces:
        raise Failure(f"{new.name} replaced nothing, so that there is nothing to go back to")
    former, replicas = new.replaces or (None, 0)
    # Each colour holds one release: what was there before that one is gone.
    if new.phase == "live" and any(each.name == former and each.phase == "failed" for each in cluster.members()):
        raise Failure(f"{former} was taken back itself, so that {new.name} has nothing to go back to: release what shall run with deploy/scripts/deploy")
    # Who comes after an interruption goes on with this; a run that is under way elsewhere notices, and ends.
    cluster.take_over(new, "going-back")
    if former:
        try:
            start(cluster, former, replicas, new.name, limit)
        except Superseded:
            raise
        except Failure as failure:
            raise stuck(new.name, former, failure) from failure
        say(f"{former} has its {replicas} pods again")
        cluster.note(former, "live", held=new.name)
    cluster.scale(new.name, 0, held=new.name)
    cluster.wait_gone(new, limit)
    cluster.note(new.name, "failed", held=new.name)
    seconds = now() - began
    say(f"rolled back in {seconds:.1f} s: {former or 'nothing'} is live, {new.name} has no pods")
    return former, seconds


def start(cluster, former, replicas, held, limit):
    # A run that was about to scale it down finds it changed, and looks again whose the release is.
    cluster.write(former, held, "annotate", "--overwrite", f"{RUN}={cluster.me}")
    cluster.scale(former, replicas, held)
    cluster.wait_ready(former, limit)
    found = cluster.member(former)
    # Somebody may have changed it in the meantime, and no pods are ready at once.
    if found.replicas < replicas or found.ready < found.replicas:
        raise Failure(f"{former}: {found.ready} of {found.replicas} pods are ready, and {replicas} were there before")


def stuck(new, former, failure):
    """Both keep their pods. Which of them is right is a person's to say."""
    return Failure(
        f"{failure}. {new} keeps its pods until {former} is ready: mend that, and run deploy/scripts/rollback again. To keep {new} instead: "
        f"kubectl scale deployment/{former} --replicas=0; kubectl annotate --overwrite deployment/{former} {PHASE}=replaced; "
        f"kubectl annotate --overwrite deployment/{new} {PHASE}=live")
