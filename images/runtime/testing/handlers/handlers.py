"""What Lambda's documentation says a Python handler may do, one after another; by the path of the event."""

import json
import logging
import os
import sys
import time

calls = 0


def handler(event, context):
    global calls
    calls += 1
    path = event["rawPath"]
    query = event.get("queryStringParameters") or {}
    if path == "/context":
        return {
            "request_id": context.aws_request_id,
            "name": context.function_name,
            "version": context.function_version,
            "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb,
            "group": context.log_group_name,
            "stream": context.log_stream_name,
            "remaining": context.get_remaining_time_in_millis(),
            "trace": os.environ.get("_X_AMZN_TRACE_ID"),
            "client": context.client_context is None,
        }
    if path == "/environment":
        return dict(os.environ)
    if path == "/event":
        return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
    if path == "/calls":
        return calls
    if path == "/print":
        print("to stdout")
        print("to stderr", file=sys.stderr)
        logging.getLogger().warning("by logging")
        print("last", end="", flush=True)
        return "printed"
    if path == "/raise":
        raise KeyError("no such thing")
    if path == "/exit":
        print("about to exit")
        sys.exit(3)
    if path == "/exit-without-a-word":
        os._exit(0)
    if path == "/kill":
        os.kill(os.getpid(), 9)
    if path == "/sleep":
        print("going to sleep")
        time.sleep(float(query["seconds"]))
        return "awake"
    if path == "/allocate":
        block = bytearray(int(query["mb"]) << 20)
        return len(block)
    if path == "/large":
        return "x" * (int(query["bytes"]) - 2)
    if path == "/bytes":
        return b"\x00\x01\xff"
    if path == "/tmp":
        with open("/tmp/lull-test", "w", encoding="utf8") as out:
            out.write("kept")
        with open("/tmp/lull-test", encoding="utf8") as kept:
            return kept.read()
    if path == "/unserializable":
        return {"statusCode": 200, "body": object()}
    return {"statusCode": 404, "body": "no such path"}
