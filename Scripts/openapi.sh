#!/usr/bin/env bash
# openapi.sh [cities|books]: starts a server, validates its OpenAPI document with openapi-spec-validator, and compares its responses to
# generated requests with the document through schemathesis, both in a virtual environment in .build-python. Then it opens the
# documentation page in Chromium, if that is installed. The script exits with 0 if no check failed. EXAMPLES sets the number of random
# requests for each operation.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
server=""
cleanup() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The server, which prints "listening on URL", and a token of one of its users.
case "${1:-cities}" in
    cities)
        server_command=("${CITIES:-.build/release/cities}" --port 0 --database "$work/cities.sqlite" --log-level warning)
        token="alice-secret"
        ;;
    books)
        # Features that Cities does not use, in Tests/ResourceServer.
        server_command=(.build/debug/ResourceServer "$work/books.sqlite")
        token="anna"
        ;;
    *)
        echo "unknown server \"$1\": cities or books" >&2
        exit 2
        ;;
esac

# --- the tools

environment=".build-python"
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then Scripts/install-system-packages.sh python3 python3-venv; fi
if ! cmp -s Scripts/openapi/requirements.txt "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" --disable-pip-version-check --no-input install --quiet -r Scripts/openapi/requirements.txt
    cp Scripts/openapi/requirements.txt "$environment/requirements.txt"
fi

# --- the server

"${server_command[@]}" >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 300); do
    if grep -q 'listening on' "$work/out"; then break; fi
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$work/log" >&2
        echo "the server did not start" >&2
        exit 1
    fi
    sleep 0.1
done
base="$(sed -n 's/.*listening on //p' "$work/out")"
export no_proxy="${no_proxy:+$no_proxy,}127.0.0.1"
export NO_PROXY="$no_proxy"

# --- the checks

curl -sSf "$base/openapi.json" -o "$work/openapi.json"
"$environment/bin/openapi-spec-validator" --subschema-errors all "$work/openapi.json"

# Requests are the same in every run. The tools leave files in the working folder, where the settings and the hooks are.
cp Scripts/openapi/checks.py Scripts/openapi/schemathesis.toml "$work"
compare() {
    (cd "$work" && "$OLDPWD/$environment/bin/schemathesis" run "$base/openapi.json" --generation-deterministic --no-color "$@")
}
printf '\nWith a user:\n'
compare --max-examples "${EXAMPLES:-40}" --header "Authorization: Bearer $token"
printf '\nWithout a user:\n'
compare --max-examples 10 --phases examples,coverage

if ! kill -0 "$server" 2>/dev/null; then
    echo "the server has stopped" >&2
    exit 1
fi

for browser in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$browser" >/dev/null 2>&1; then
        python3 Scripts/openapi/page.py "$browser" "$work/profile" "$base/docs"
        exit
    fi
done
echo "Chromium is not installed: the documentation page was not opened."
