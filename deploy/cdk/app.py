"""The CDK app of the alert feed: `python3 app.py`, or by the `cdk` command.

TIDEWATCH_FEED_SETTINGS names the settings, settings.json by default.
"""

import os
import sys
from pathlib import Path

import aws_cdk

from alert_feed.asset import function_asset
from alert_feed.settings import InvalidSettings, Settings
from alert_feed.stack import CONTEXT, AlertFeedStack


def main():
    path = Path(os.environ.get("TIDEWATCH_FEED_SETTINGS", "settings.json"))
    try:
        settings = Settings.read(path)
    except InvalidSettings as error:
        sys.exit(str(error))
    app = aws_cdk.App(context=CONTEXT)
    AlertFeedStack(app, settings, function_asset())
    app.synth()


if __name__ == "__main__":
    main()
