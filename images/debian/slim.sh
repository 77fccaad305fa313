#!/usr/bin/env bash
# Usage: slim.sh MIRROR FOLDER. Makes a minimal Debian in FOLDER, without what an image never needs.
set -euo pipefail
mirror=$1
root=$2
debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"}
rm -rf "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*
# Documentation stays out of later layers too. Licences stay in.
cat > "$root/etc/dpkg/dpkg.cfg.d/slim" <<'DPKG'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
DPKG
find "$root/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/*
# No services in an image, and the mirrors come with each build.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' > "$root/etc/apt/apt.conf.d/slim"
: > "$root/etc/apt/sources.list"
: > "$root/etc/apt/apt.conf"
# The machine's own resolver and name are not the image's.
: > "$root/etc/resolv.conf"
: > "$root/etc/hostname"
