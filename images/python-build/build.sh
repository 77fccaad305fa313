# Run in the folder of the code. What it prints last is shown in the function's status when it fails.
set -eu
[ -f requirements.txt ] || exit 0
# No bytecode of pip's own: its files' times do not survive, and Python would make it again at every start. Ours is taken as it is, without a look at the time.
python3 -m pip install --target . --requirement requirements.txt --no-compile --no-cache-dir --disable-pip-version-check --no-warn-script-location --quiet
python3 -m compileall -q --invalidation-mode unchecked-hash . || echo "some files are not of this Python; they are taken as they are"
