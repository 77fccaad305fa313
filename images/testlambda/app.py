"""The handler of the test images: does what the event asks for."""

import json
import os
import subprocess
import sys
import tempfile
import time

calls = 0


def environment(event, context):
    return {
        "env": dict(os.environ),
        "cwd": os.getcwd(),
        "uid": os.getuid(),
        "argv": sys.argv,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
    }


def write(event, context):
    with tempfile.NamedTemporaryFile("w", dir="/tmp", delete=False) as file:
        file.write("x" * 1_000_000)
    return os.path.getsize(file.name)


def sleep(event, context):
    print("sleeping", flush=True)
    time.sleep(float(event["seconds"]))


def leave(event, context):
    print("leaving", flush=True)
    os._exit(int(event["code"]))


def kill_all(event, context):
    """Ends every process that this user may end, the bridge and what holds it too, after so many others that theirs have higher numbers when they come again."""
    for _ in range(150):
        subprocess.run(["true"], check=True)
    os.kill(-1, 9)


def fail(event, context):
    raise KeyError("absent")


def child(event, context):
    return subprocess.check_output(["uname", "-s"], text=True)


DOES = {f.__name__: f for f in (environment, write, sleep, leave, kill_all, fail, child)}


def handler(event, context):
    global calls
    calls += 1
    print("line", calls)
    print("error line", calls, file=sys.stderr)
    is_http = "requestContext" in event
    asked = event.get("queryStringParameters", {}) if is_http else event
    result = DOES[asked["do"]](asked, context) if "do" in asked else {"path" if is_http else "event": event["rawPath"] if is_http else event, "calls": calls}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(result)} if is_http else result


def other(event, context):
    return "the other handler"
