"""What deploy, rollback and smoke-test have in common on their command lines."""

import argparse
import math

from .cluster import ANSWER, LARGE


def seconds(text):
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time that ends")
    return value


def some_seconds(text):
    value = seconds(text)
    if not value:
        raise argparse.ArgumentTypeError("nobody answers in no time")
    return value


def add_cluster(parser):
    parser.add_argument("--namespace", default="tidewatch")
    parser.add_argument("--context", help="kubectl's context; its current one by default")
    parser.add_argument("--answer-timeout", type=some_seconds, default=ANSWER, metavar="SECONDS", help="how long kubectl or a pod may be silent; "
                        f"{LARGE} times that with a whole release or report, and whoever judges a report (default {ANSWER})")
