#!/usr/bin/env bash
# `make test`: every check and test there is, in one go; ends with one line "N passed, N failed". Sets up whatever is missing.
set -uo pipefail
cd "$(dirname "$0")/.."
NODE=node_modules/.bin/node
passed=0
failed=0
began=$SECONDS

# A check is a command that passes or fails as one.
check() {
  local name=$1; shift
  printf '── %s\n' "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAILED: %s\n' "$name"; fi
}

# A suite is a vitest run; its own counts are added.
suite() {
  local name=$1; shift
  local report; report=$(mktemp)
  printf '── %s (%ss)\n' "$name" $((SECONDS - began))
  node_modules/.bin/node node_modules/vitest/vitest.mjs run --reporter=default --reporter=json --outputFile.json="$report" "$@"
  local code=$? counts
  counts=$($NODE scripts/count.ts "$report" "$code")
  rm -f "$report"
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

finish() {
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

bash scripts/setup.sh tests || { echo 'setup failed'; failed=1; finish; exit 1; }
check 'generated files are up to date' bash scripts/verify.sh
check 'types' node_modules/.bin/tsc -p .
check 'lint and format' node_modules/.bin/biome check --error-on-warnings .
check 'chart' bash -c '"$(node_modules/.bin/node test/cluster/helm.ts)" lint --strict charts/lull'
check 'alert rules' bash scripts/rules.sh
# Before the suites: building the cluster, once, leaves the API server that the integration tests start by themselves.
$NODE test/cluster/main.ts up
suite 'unit and integration tests'
if $NODE test/cluster/main.ts up && $NODE images/build.ts && bash scripts/install.sh; then
  passed=$((passed + 1))
  eval "$($NODE test/cluster/main.ts env)"
  suite 'end-to-end tests' --config vitest.e2e.config.ts
else
  failed=$((failed + 1))
  echo 'FAILED: the cluster or the installation of Lull on it'
fi
finish
