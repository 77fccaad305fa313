"""Runs the table with boto3: {"endpoint", "keys", "cases"} on stdin, one JSON line a case on stdout."""
import base64
import datetime
import json
import sys

import boto3
import botocore
import botocore.auth
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

WAITERS = {"FunctionActiveV2": "function_active_v2", "FunctionUpdatedV2": "function_updated_v2"}
real_now = botocore.auth.get_current_datetime


def client(given, case):
    name = case.get("key", "all")
    key = {} if name == "none" else given["keys"][name]
    # One attempt: what is answered is to be seen, not what becomes of it after four more.
    config = Config(retries={"total_max_attempts": 1}, signature_version=botocore.UNSIGNED if name == "none" else "v4")
    return boto3.client(
        "lambda",
        endpoint_url=given["endpoint"],
        region_name=case.get("region", "us-east-1"),
        aws_access_key_id=key.get("id"),
        aws_secret_access_key=key.get("secret"),
        aws_session_token=key.get("token"),
        config=config,
    )


def payload(case):
    if "json" in case:
        return json.dumps(case["json"]).encode()
    if "text" in case:
        return case["text"].encode()
    return b'"' + b"x" * (case["bytes"] - 2) + b'"' if "bytes" in case else None


def zip_file(case):
    if "zip" in case:
        return base64.b64decode(case["zip"])
    return bytes(case["zipBytes"]) if "zipBytes" in case else None


def told(answer):
    out = {"status": answer["ResponseMetadata"]["HTTPStatusCode"], "executedVersion": answer.get("ExecutedVersion"), "functionError": answer.get("FunctionError")}
    log = answer.get("LogResult")
    if "Payload" in answer:
        out["payload"] = answer["Payload"].read().decode()
    elif "EventStream" in answer:
        out["payload"] = ""
        for event in answer["EventStream"]:
            if "PayloadChunk" in event:
                out["payload"] += event["PayloadChunk"]["Payload"].decode()
            else:
                end = event["InvokeComplete"]
                out["functionError"] = end.get("ErrorCode")
                out["payload"] += end.get("ErrorDetails", "")
                log = end.get("LogResult")
    else:
        out["output"] = json.dumps({name: value for name, value in answer.items() if name != "ResponseMetadata"}, default=str)
    out["log"] = base64.b64decode(log or "").decode(errors="replace")
    return out


def run(given, case):
    skew = datetime.timedelta(seconds=case.get("skewSeconds", 0))
    botocore.auth.get_current_datetime = lambda *args, **kwargs: real_now(*args, **kwargs) + skew
    parameters = dict(case.get("input", {}))
    body = payload(case)
    if body is not None:
        parameters["Payload"] = body
    code = zip_file(case)
    if code is not None:
        parameters.setdefault("Code", {})["ZipFile"] = code
        if case["operation"] == "UpdateFunctionCode":
            parameters.update(parameters.pop("Code"))
    if "ClientContext" in parameters:
        parameters["ClientContext"] = base64.b64encode(json.dumps(parameters["ClientContext"]).encode()).decode()
    try:
        if case["operation"] in WAITERS:
            client(given, case).get_waiter(WAITERS[case["operation"]]).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 90}, **parameters)
            return {"status": 200, "output": "{}"}
        return told(getattr(client(given, case), xform_name(case["operation"]))(**parameters))
    except ClientError as error:
        answer = error.response
        return {"status": answer["ResponseMetadata"]["HTTPStatusCode"], "error": answer["Error"]["Code"], "message": answer["Error"]["Message"], "reason": answer.get("Reason")}
    except Exception as error:  # What the table does not expect is told like the rest.
        return {"status": 0, "error": type(error).__name__, "message": str(error)}


table = json.load(sys.stdin)
for one in table["cases"]:
    print(json.dumps(run(table, one)), flush=True)
