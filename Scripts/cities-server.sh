# shellcheck shell=bash
# Starts the Cities example on a free loopback port: to be sourced, with `work` a temporary folder. Sets `base`, its address,
# and `server`, its process. `stop_cities` ends it.

# shellcheck disable=SC2154 # work
cities="${CITIES:-.build/release/cities}"
server=""

stop_cities() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
}

start_cities() {
    "$cities" --port 0 --database "$work/cities.sqlite" --log-level warning >"$work/out" &
    server=$!
    for _ in $(seq 300); do
        if grep -q 'listening on' "$work/out"; then break; fi
        if ! kill -0 "$server" 2>/dev/null; then
            echo "the server did not start" >&2
            exit 1
        fi
        sleep 0.1
    done
    base="$(sed -n 's/.*listening on //p' "$work/out")"
    if [ -z "$base" ]; then
        echo "the server did not start within 30 seconds" >&2
        exit 1
    fi
    echo "The cities API runs at $base"
}
