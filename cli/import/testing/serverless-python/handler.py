import json


def list_items(event, context):
    return {"statusCode": 200, "body": json.dumps([])}


def create_item(event, context):
    return {"statusCode": 201, "body": event["body"]}


def warmup(event, context):
    return "warm"
