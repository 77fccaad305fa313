"""The context, the environment, what stays in memory between invocations, and /tmp."""

import logging
import os
import time
from pathlib import Path

# Made once, in the init phase.
logger = logging.getLogger()
logger.setLevel("INFO")
started_at = time.time()
invocations = 0
kept_file = Path("/tmp/lull-example-python")


def lambda_handler(event, context):
    global invocations
    invocations += 1
    logger.info("invocation %d", invocations)
    kept = kept_file.read_text() if kept_file.exists() else ""
    kept_file.write_text(context.aws_request_id)
    return {
        "requestId": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "function": context.function_name,
        "version": context.function_version,
        "memoryMb": int(context.memory_limit_in_mb),
        "logGroup": context.log_group_name,
        "logStream": context.log_stream_name,
        "remainingMillis": context.get_remaining_time_in_millis(),
        "custom": context.client_context.custom if context.client_context else None,
        "region": os.environ["AWS_REGION"],
        "handler": os.environ["_HANDLER"],
        "taskRoot": os.environ["LAMBDA_TASK_ROOT"],
        "traceId": os.environ["_X_AMZN_TRACE_ID"],
        "greeting": os.environ["GREETING"],
        "invocations": invocations,
        "ageMillis": int((time.time() - started_at) * 1000),
        "kept": kept,
    }
