"""SQS with partial batch responses: only the messages that failed come again."""

import json


def lambda_handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            json.loads(record["body"])
        except ValueError as error:
            print(f"message {record['messageId']}: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
