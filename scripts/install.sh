#!/usr/bin/env bash
# Installs Lull on the cluster that is up, from the images built here (`make images`).
set -euo pipefail
cd "$(dirname "$0")/.."
NODE=node_modules/.bin/node
eval "$($NODE test/cluster/main.ts env)"
helm=$($NODE test/cluster/helm.ts)
namespace=lull-system
# A change of images under the same tag changes no manifest: the digests of what is loaded make the pods roll.
run=$($NODE --input-type=module -e "import { runDir } from './test/cluster/paths.ts'; console.log(runDir)")
images=$(cat "$run"/loaded-images.json 2>/dev/null | sha256sum | cut -c1-16)
# The native cluster has no StorageClass; kind has one.
storage=()
kubectl get storageclass -o name 2>/dev/null | grep -q . || storage=(--set store.persistence.enabled=false)
# How builds in pods reach package registries, where pods reach nothing outside.
builds='[]'
if [ "$($NODE test/cluster/main.ts provider)" = native ]; then builds=$($NODE test/cluster/registries/index.ts); fi
began=$SECONDS
"$helm" upgrade --install lull charts/lull --namespace $namespace --create-namespace --set image.tag=dev --set-json builds.env="$builds" \
  --set-string operator.podAnnotations.images="$images" --set-string activator.podAnnotations.images="$images" \
  --set-string store.podAnnotations.images="$images" \
  --set activator.lambdaApi.manage.enabled=true --set-string activator.lambdaApi.manage.podAnnotations.images="$images" "${storage[@]}" --wait --timeout 120s >/dev/null ||
  { kubectl -n $namespace get pods; kubectl -n $namespace logs -l app.kubernetes.io/part-of=lull --tail=5 --prefix; exit 1; }
kubectl label namespace $namespace pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
eval "$($NODE test/cluster/main.ts env)"
printf 'install: Lull is installed in %s (%ss), at %s\n' $namespace $((SECONDS - began)) "${LULL_URL:-?}"
