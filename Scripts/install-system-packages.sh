#!/usr/bin/env bash
# Installs missing system packages of the build, the tests and the example, and of the arguments,
# and prints their names.
# Supports Debian and Ubuntu; on other systems it prints what to install.
set -euo pipefail

packages=(libhiredis-dev zlib1g-dev libsqlite3-dev redis-server curl "$@")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "apt-get is not available; install the equivalents of: ${packages[*]}"
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
        missing+=("$package")
    fi
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi

echo "Installing system packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# The package must not start its own server; the tests start theirs.
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "Installed."
