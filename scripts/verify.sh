#!/usr/bin/env bash
# `make verify`: regenerates what is generated and fails on a difference.
set -euo pipefail
cd "$(dirname "$0")/.."
generated=(crds/functions.lull.dev.yaml crds/runtimes.lull.dev.yaml crds/warmpools.lull.dev.yaml charts/lull/files/crds charts/lull/files/dashboards)
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp -r --parents "${generated[@]}" "$before"
node_modules/.bin/node crds/generate.ts
node_modules/.bin/node charts/dashboards/generate.ts
for path in "${generated[@]}"; do
  diff -ru "$before/$path" "$path" || { echo "$path is not what the sources generate: run 'make crds dashboards' and commit"; exit 1; }
done
