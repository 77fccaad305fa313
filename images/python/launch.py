"""Starts one Python handler process: AWS's own Runtime Interface Client, booted while the code is still on its way.

The bridge starts this with the pod. Importing awslambdaric takes most of the 45 ms until the first event is asked for, and needs no code; so it is done
first. Then one line (or the end) on descriptor 3 says that the code is in LAMBDA_TASK_ROOT, and from there on everything is awslambdaric's.
"""

import importlib
import os
import sys

# What site-packages would have been: apart from the user's own, so that theirs win, as on AWS.
sys.path.append("/opt/lull/python")

from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_config import LambdaConfigProvider  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402


def wait_for_code():
    """Blocks until the bridge says that the code is there; a descriptor that is not open means it always was."""
    try:
        with os.fdopen(3, "rb", buffering=0) as ready:
            ready.read(1)
    except OSError:
        pass


def add_layers():
    """Where AWS's own runtimes find modules of layers, unless the user has said otherwise by PYTHONPATH."""
    # Folders that came with the code, and were looked for in vain before.
    importlib.invalidate_caches()
    if os.environ.get("PYTHONPATH"):
        return
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in ("/opt/python", f"/opt/python/lib/{version}/site-packages"):
        if os.path.isdir(folder):
            sys.path.insert(0, folder)


def main():
    # One descriptor for both, as on AWS: what is written first is logged first.
    os.dup2(1, 2)
    wait_for_code()
    add_layers()
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path.insert(0, root)
    os.chdir(root)
    handler = os.environ["_HANDLER"]
    config = LambdaConfigProvider([__file__, handler])
    # As awslambdaric itself does: from Python 3.12 on a thread waits for the next event, so that a handler hears SIGTERM meanwhile.
    bootstrap.run(handler, LambdaRuntimeClient(config.api_address, config.use_thread_polling))


main()
