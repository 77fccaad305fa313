"""And through aws-wsgi: older, of payload 1.0 only, and with one value for each parameter, header and cookie."""
import awsgi
from app import app


def handler(event, context):
    return awsgi.response(app, event, context, base64_content_types={"image/png"})
