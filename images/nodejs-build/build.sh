# Run in the folder of the code. What it prints last is shown in the function's status when it fails.
set -eu
[ -f package.json ] || exit 0
# What is there was brought along, as AWS has it.
[ ! -d node_modules ] || exit 0
export npm_config_cache="$HOME/.npm" npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false npm_config_loglevel=error
if [ -f package-lock.json ] || [ -f npm-shrinkwrap.json ]; then
  npm ci --omit=dev
else
  npm install --omit=dev --no-package-lock
fi
