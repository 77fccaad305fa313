"""Does what its event says; anything else is its answer."""
import os
import time


def lambda_handler(event, context):
    do = event.get("do") if isinstance(event, dict) else None
    if do == "nothing":
        return None
    if do == "print":
        for i in range(event.get("lines", 1)):
            print(f"line {i} {event.get('tag', '')}")
        return "printed"
    if do == "fail":
        raise ValueError("as asked")
    if do == "exit":
        os._exit(event["code"])
    if do == "sleep":
        time.sleep(event["seconds"])
        return "slept"
    if do == "big":
        return "x" * event["bytes"]
    if do == "context":
        client = context.client_context
        return {
            "function_name": context.function_name,
            "function_version": context.function_version,
            "memory_limit_in_mb": context.memory_limit_in_mb,
            "invoked_function_arn": context.invoked_function_arn,
            "remaining": context.get_remaining_time_in_millis(),
            "custom": client.custom if client else None,
            "env": client.env if client else None,
        }
    return event
