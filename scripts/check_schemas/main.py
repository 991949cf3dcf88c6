"""The command line of scripts/check-schemas, which says what there is."""

import argparse
import sys

import configuration
import documentation
import messages
import outputs
import sources
from asyncapi import AsyncAPI
from report import Report
from schemas import Schemas


def main():
    parser = argparse.ArgumentParser(prog="scripts/check-schemas")
    parser.add_argument("--files-only", action="store_true", help="leave out what needs the binary")
    parser.add_argument("--messages", metavar="FILE", help="check messages read from Kafka, and nothing else")
    parser.add_argument("--prefix", default="tidewatch.", help="outputs.prefix of those messages")
    options = parser.parse_args()

    report, schemas = Report(), Schemas()
    asyncapi = AsyncAPI(schemas)
    if options.messages:
        messages.check(schemas, asyncapi, report, options.messages, options.prefix)
        return report.finish()
    schemas.check(report)
    asyncapi.check(report)
    sources.check(schemas, report)
    configuration.check(schemas, report)
    documentation.check(schemas, report)
    if not options.files_only:
        outputs.check(schemas, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
