"""The same application as a Lambda handler."""
from mangum import Mangum

from app import app

handler = Mangum(app, lifespan="off")
