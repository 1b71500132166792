#!/usr/bin/env bash
# Installs the system packages that the build, the tests and the example need, and those that are named, as far as they are missing,
# and says which.
# Debian and Ubuntu; elsewhere it says what to install by other means.
set -euo pipefail

packages=(libhiredis-dev zlib1g-dev libsqlite3-dev redis-server curl "$@")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "Without apt-get nothing is installed; these have to be there, by whatever name: ${packages[*]}"
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
# A package's own server must not start here; the tests start the one they need.
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "Installed."
