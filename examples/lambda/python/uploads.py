"""What was uploaded to S3: the event gives the key as a URL would have it."""

import urllib.parse


def lambda_handler(event, context):
    return [
        f"{record['eventName']} {record['s3']['bucket']['name']}/{urllib.parse.unquote_plus(record['s3']['object']['key'])}"
        for record in event["Records"]
    ]
