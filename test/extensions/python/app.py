"""A handler with an internal extension from PyPI, by which it hears of the end."""

import signal
import sys

import lambda_sigterm


def at_end(signum, frame):
    print("heard SIGTERM", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, at_end)
lambda_sigterm.register()


def handler(event, context):
    return "from python"
