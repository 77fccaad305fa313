#!/usr/bin/env bash
# Writes go.mod for the Kubernetes binaries: k8s.io/kubernetes names its staging modules v0.0.0 and
# replaces them by folders, which a module proxy does not carry, so each is replaced by its published v0.34.4.
set -euo pipefail
cd "$(dirname "$0")"
V=1.34.4
STAGING=0.${V#1.}
cat > go.mod <<MOD
module lull.dev/test/cluster/native/tools

go 1.24.0

require k8s.io/kubernetes v$V
MOD
dir=$(GOFLAGS=-mod=mod go mod download -json "k8s.io/kubernetes@v$V" | python3 -c 'import json,sys; print(json.load(sys.stdin)["Dir"])')
{
  echo
  echo "replace ("
  sed -n 's#^\s*\(k8s\.io/[a-z-]*\) => ./staging/.*#\t\1 => \1 v'"$STAGING"'#p' "$dir/go.mod"
  echo ")"
} >> go.mod
