# shellcheck shell=bash
# Starts the Cities example on free loopback ports. Source it with `work` set to a temporary folder. `start_cities` starts an
# instance with the options in `cities_options` and sets `base`, its address, and `server`, its process. `start_worker` starts a
# worker and sets `worker`, its process. All share one database: an SQLite file, or with DATABASE=postgres a PostgreSQL server
# that is started here. `stop_cities` ends them.

# shellcheck disable=SC2154 # work
cities="${CITIES:-.build/release/cities}"
cities_options=()
server=""
servers=()
worker=""
workers=()

source Scripts/postgres-server.sh
cities_database="$work/cities.sqlite"
if [ "${DATABASE:-sqlite}" = postgres ]; then
    start_postgres
    cities_database="$postgres_url"
fi

stop_cities() {
    local process
    for process in "${servers[@]}" "${workers[@]}"; do kill -TERM "$process" 2>/dev/null || true; done
    for process in "${servers[@]}" "${workers[@]}"; do wait "$process" 2>/dev/null || true; done
    stop_postgres
}

start_worker() {
    "$cities" worker --database "$cities_database" --log-level error "$@" >"$work/worker.${#workers[@]}" &
    worker=$!
    workers+=("$worker")
}

start_cities() {
    local out="$work/out.${#servers[@]}"
    "$cities" --port 0 --database "$cities_database" --log-level warning "${cities_options[@]}" >"$out" &
    server=$!
    servers+=("$server")
    for _ in $(seq 300); do
        if grep -q 'listening on' "$out"; then break; fi
        if ! kill -0 "$server" 2>/dev/null; then
            echo "the server did not start" >&2
            exit 1
        fi
        sleep 0.1
    done
    base="$(sed -n 's/.*listening on //p' "$out")"
    if [ -z "$base" ]; then
        echo "the server did not start within 30 seconds" >&2
        exit 1
    fi
    echo "The cities API runs at $base"
}
