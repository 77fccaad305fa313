#!/usr/bin/env bash
# `make verify`: regenerates what is generated and fails on a difference.
set -euo pipefail
cd "$(dirname "$0")/.."
generated=(crds/functions.lull.dev.yaml crds/runtimes.lull.dev.yaml charts/lull/files/crds)
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp -r --parents "${generated[@]}" "$before"
node_modules/.bin/node crds/generate.ts
for path in "${generated[@]}"; do
  diff -ru "$before/$path" "$path" || { echo "$path is not what the sources generate: run 'make crds' and commit"; exit 1; }
done
