"""Starts one Python handler process: AWS's own Runtime Interface Client, booted while the code is still on its way.

The bridge starts this with the pod. Importing awslambdaric takes most of the 45 ms until the first event is asked for, and needs no code; so it is done
first. Then one line (or the end) on descriptor 3 says that the code is in LAMBDA_TASK_ROOT, and from there on everything is awslambdaric's.
"""

import gc
import importlib
import json
import os
import sys
import time

# What site-packages would have been: apart from the user's own, so that theirs win, as on AWS.
sys.path.append("/opt/lull/python")

from awslambdaric import bootstrap, lambda_literals  # noqa: E402
from awslambdaric.lambda_config import LambdaConfigProvider  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402


def preload(names):
    """In a pod of a warm pool, which has nothing else to do, and says by descriptor 4 that it has: what most handlers would import first. One that cannot be imported is left to them."""
    before = set(sys.modules)
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            print(f"{name} could not be loaded ahead: {error!r}", flush=True)
    # What is there now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    os.write(4, b"\n")
    os.close(4)
    return set(sys.modules) - before


def forget_what_code_brings(ahead, folders):
    """Modules of the function's own, or of its layers, win over those that were loaded ahead: then none of these stays, for they belong together."""
    ours = {name.partition(".")[0] for name in ahead}
    for folder in folders:
        if os.path.isdir(folder) and any(entry.partition(".")[0] in ours for entry in os.listdir(folder)):
            for name in ahead:
                sys.modules.pop(name, None)
            return


def wait_for_code():
    """Blocks until the bridge says that the code is there; a descriptor that is not open means it always was."""
    try:
        with os.fdopen(3, "rb", buffering=0) as ready:
            said = ready.readall() or b""
    except OSError:
        return
    # A pod of a warm pool hears only now whose it is: the environment is this, and nothing else.
    if said.startswith(b"{"):
        # Python sets this one itself when it starts in a locale that is not there (PEP 538).
        coerced = {"LC_CTYPE": os.environ["LC_CTYPE"]} if "LC_CTYPE" in os.environ else {}
        os.environ.clear()
        os.environ.update({**coerced, **json.loads(said)["env"]})
        time.tzset()
        read_environment_again()


def read_environment_again():
    """What awslambdaric reads of the environment when it is imported; everything else it reads when it needs it (4.2.2)."""
    if bootstrap.LogFormat.from_str(os.environ.get("AWS_LAMBDA_LOG_FORMAT")) != bootstrap._AWS_LAMBDA_LOG_FORMAT:
        # It decides which functions there are, too (log_error). 3 ms, and only for functions that log as JSON.
        importlib.reload(bootstrap)
    bootstrap._AWS_LAMBDA_LOG_LEVEL = bootstrap._get_log_level_from_env_var(os.environ.get("AWS_LAMBDA_LOG_LEVEL"))
    importlib.reload(lambda_literals)


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
    ahead = set()
    if "LULL_PRELOAD" in os.environ:
        ahead = preload(json.loads(os.environ.pop("LULL_PRELOAD")))
    wait_for_code()
    add_layers()
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path.insert(0, root)
    os.chdir(root)
    if ahead:
        forget_what_code_brings(ahead, [folder for folder in sys.path if folder == root or folder.startswith("/opt/python")])
    handler = os.environ["_HANDLER"]
    config = LambdaConfigProvider([__file__, handler])
    # As awslambdaric itself does: from Python 3.12 on a thread waits for the next event, so that a handler hears SIGTERM meanwhile.
    bootstrap.run(handler, LambdaRuntimeClient(config.api_address, config.use_thread_polling))


main()
