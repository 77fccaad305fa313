#!/usr/bin/env bash
# Installs what this machine lacks, and only that: Debian packages, npm packages. Called by everything that needs them; says what it does.
# Usage: setup.sh [tests]. With `tests` also the compilers of the languages that handlers are tested in.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

# Package by the file that shows it is there.
missing=()
need() { [ -e "$1" ] || command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need npm npm
need go golang-go
need gcc gcc
# No command: gcc -static needs it.
compgen -G '/usr/lib/*-linux-gnu/libc.a' >/dev/null || missing+=(libc6-dev)
need openssl openssl
# Tests run AWS's own clients out of virtual environments.
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
# What it is set to is how images and functions' packages are built.
need pip python3-pip
need git git
need ip iproute2
# The fetcher's tools.
need git git
need ssh-keygen openssh-client
need skopeo skopeo
native=true
[ "${LULL_CLUSTER:-}" = existing ] || [ "${LULL_CLUSTER:-}" = kind ] && native=false
if $native; then
  need etcd etcd-server
  need etcdctl etcd-client
  need containerd containerd
  need runc runc
  need /usr/lib/cni/bridge containernetworking-plugins
  need iptables iptables
  need conntrack conntrack
  need mkfs.ext4 e2fsprogs
  need buildah buildah
  need debootstrap debootstrap
fi
need prometheus prometheus
# What the fetcher speaks to registries with.
need skopeo skopeo
if [ "${1:-}" = tests ]; then
  # Debian's newest Rust, which it builds browsers with; its other one is of 2022.
  need cargo cargo-web
  need javac openjdk-17-jdk-headless
  need mvn maven
  need curl curl
fi
wanted="${missing[*]:-}"
if [ -n "$wanted" ]; then
  [ "$(id -u)" = 0 ] || { say "these Debian packages are missing and only root can install them: $wanted"; exit 1; }
  say "installing Debian packages: $wanted"
  # A package's own service must not start: the cluster starts what it needs, where it needs it.
  policy=/usr/sbin/policy-rc.d
  made=false
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' > $policy; chmod +x $policy; made=true; fi
  trap '$made && rm -f $policy' EXIT
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say 'installing npm packages'
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
node_modules/.bin/node -e 'if (Number(process.versions.node.split(".")[0]) < 24) { console.error("setup: the npm package node did not bring Node 24"); process.exit(1); }'
