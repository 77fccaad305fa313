"""The same application as a Lambda handler."""
import awsgi
from app import app


def handler(event, context):
    return awsgi.response(app, event, context, base64_content_types={"image/png"})
