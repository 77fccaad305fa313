"""An HTTP API's event (payload 2.0), answered with bytes."""

import base64


def lambda_handler(event, context):
    body = event.get("body") or ""
    data = base64.b64decode(body) if event["isBase64Encoded"] else body.encode()
    return {
        "statusCode": 201,
        "headers": {
            "content-type": "application/octet-stream",
            "x-method": event["requestContext"]["http"]["method"],
            "x-path": event["rawPath"],
            "x-query": event["queryStringParameters"]["q"],
        },
        "cookies": ["made=here"],
        "body": base64.b64encode(data).decode(),
        "isBase64Encoded": True,
    }
