"""Signs requests with botocore: [{method, url, headers, body, presign}] on stdin, one JSON line a request on stdout."""
import json
import sys
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

given = json.load(sys.stdin)
credentials = Credentials(given["id"], given["secret"])
for one in given["requests"]:
    request = AWSRequest(method=one["method"], url=one["url"], headers=one["headers"], data=one["body"].encode())
    signer = SigV4QueryAuth(credentials, "lambda", "eu-west-1", expires=60) if one["presign"] else SigV4Auth(credentials, "lambda", "eu-west-1")
    signer.add_auth(request)
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.setdefault("host", url.netloc)
    print(json.dumps({"target": url.path + ("?" + url.query if url.query else ""), "headers": headers}), flush=True)
