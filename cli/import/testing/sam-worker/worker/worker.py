import boto3


def handle(event, context):
    return {"boto3": boto3.__version__}
