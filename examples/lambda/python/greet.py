"""A result, and the ways in which a Python handler fails."""

import sys
import time


class NoName(Exception):
    pass


def lambda_handler(event, context):
    name = event.get("name")
    if not name:
        raise NoName("received no name")
    if name == "exit":
        sys.exit(1)
    if name == "wait":
        time.sleep(60)
    return {"message": f"Hello {name}!"}
