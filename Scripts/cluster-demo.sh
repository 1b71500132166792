#!/usr/bin/env bash
# Starts a PostgreSQL server, a redis-server, and two servers and two workers of the Cities example on free loopback ports, and
# demonstrates with curl how they share their cache, receive each other's writes and purges, run without the redis-server, and
# finish an import while a worker is killed, PostgreSQL crashes and the redis-server is killed. Every step checks its results;
# the script exits with 0 if all checks succeed. With --keep-running all processes run until Ctrl-C. With DATABASE=sqlite the
# database is an SQLite file.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC2034 # cities-server.sh reads it
DATABASE="${DATABASE:-postgres}"

keep_running=0
if [ "${1:-}" = "--keep-running" ]; then keep_running=1; fi
for program in redis-server redis-cli; do
    if ! command -v "$program" >/dev/null; then
        echo "$program is missing; make setup installs it" >&2
        exit 1
    fi
done

work="$(mktemp -d)"
source Scripts/cities-server.sh
source Scripts/tour-steps.sh
source Scripts/bulk-steps.sh
redis=""
port=""
cleanup() {
    stop_cities
    kill_redis
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the Redis server, without persistence

# Checks that the server on the port is the one that was started here.
redis_replies() {
    [[ "$(redis-cli -h 127.0.0.1 -p "$port" info server 2>/dev/null)" == *"process_id:$redis"$'\r'* ]]
}

# Starts the server on `port`; fails when the port is in use.
start_redis_on_port() {
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" >>"$work/redis.log" 2>&1 &
    redis=$!
    for _ in $(seq 100); do
        if redis_replies; then return 0; fi
        if ! kill -0 "$redis" 2>/dev/null; then return 1; fi
        sleep 0.05
    done
    return 1
}

start_redis() {
    for _ in $(seq 20); do
        # Below the ephemeral ports.
        port=$((20000 + RANDOM % 10000))
        if start_redis_on_port; then
            echo "redis-server is running at 127.0.0.1:$port"
            return
        fi
        kill_redis
    done
    echo "redis-server did not start:" >&2
    tail -n 5 "$work/redis.log" >&2
    exit 1
}

kill_redis() {
    if [ -z "$redis" ]; then return; fi
    # Suppresses the shell's message about the killed job.
    { kill -KILL "$redis" && wait "$redis"; } 2>/dev/null || true
    redis=""
}

# --- further checks for a cluster

# within MILLISECONDS WHAT COMMAND...: repeats a command until it succeeds, and prints the elapsed time.
within() {
    local limit="$1" what="$2" began elapsed
    shift 2
    began="${EPOCHREALTIME//[!0-9]/}"
    while true; do
        if "$@"; then
            elapsed=$(((${EPOCHREALTIME//[!0-9]/} - began) / 1000))
            printf '     ok: %s (%d ms)\n' "$what" "$elapsed"
            return
        fi
        elapsed=$(((${EPOCHREALTIME//[!0-9]/} - began) / 1000))
        if [ "$elapsed" -ge "$limit" ]; then break; fi
        sleep 0.02
    done
    printf '     FAILED: %s: not within %d ms\n' "$what" "$limit"
    failures=$((failures + 1))
}

# Conditions of the instance at an address.
is_subscribed() { [[ "$(curl --silent --max-time 5 "$1/stats")" == *'"memory_tier":1'* ]]; }
shows() { [[ "$(curl --silent --max-time 5 "$1$2")" == *"$3"* ]]; }
header() { curl --silent --max-time 5 --output /dev/null --dump-header - "$1$2" | tr -d '\r' | sed -n "s/^$3: //Ip"; }
has_cache_status() { [ "$(header "$1" "$2" Cache-Status)" = "$3" ]; }
agree_on_tag() {
    local tag
    tag="$(header "$first" "$1" ETag)"
    [ -n "$tag" ] && [ "$tag" = "$(header "$second" "$1" ETag)" ]
}

# The number of look-ups that the Redis server has served.
look_ups() { redis-cli -h 127.0.0.1 -p "$port" info commandstats | sed -n 's/^cmdstat_mget:calls=\([0-9]*\),.*/\1/p'; }

# --- the cluster

start_redis
# In production, read it from your secret storage.
secret="cluster-demo-secret"
cache="tiered+redis://127.0.0.1:$port/0"
# shellcheck disable=SC2034 # start_cities reads it. Small chunks give time to watch the import.
cities_options=(--no-worker --chunk-items 200 --log-level error --cache "$cache" --administration-secret "$secret")
start_cities
first="$base"
start_cities
second="$base"
start_worker --cache "$cache"
start_worker --cache "$cache"

list='/cities?country_code=DE&population__gte=100000&page_size=3'
city='/cities/2950159'
hit="ResponseCache; hit"
stored="ResponseCache; fwd=uri-miss; stored"

title "Two servers share a database and a Redis server, and each has a memory tier"
within 10000 "the first instance is subscribed to changes" is_subscribed "$first"
within 10000 "the second instance is subscribed to changes" is_subscribed "$second"

title "A miss on the first instance stores the response in the server"
base="$first"
request GET "$list"
expect "status" "$status" 200
expect "cache" "$(field Cache-Status)" "$stored"
tag="$(field ETag)"

title "The second instance has a hit without a query"
base="$second"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"
expect "the same tag" "$(field ETag)" "$tag"
expect "queries" "$(queries cities)" 0

title "The next hit of the second instance comes from its memory tier"
before="$(look_ups)"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"
expect "look-ups in the server" "$(look_ups)" "$before"

title "An update on the first instance reaches the second, which has the old city in its memory tier"
for _ in 1 2; do request GET "$city"; done
expect "the second instance has the city" "$(field Cache-Status)" "$hit"
city_tag="$(field ETag)"
base="$first"
request PATCH "$city" -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 3755251}'
expect "status" "$status" 200
within 1000 "the second instance returns the new value" shows "$second" "$city" '"population":3755251'
city_tag="$(field ETag)"
base="$second"
request GET "$city"
expect "the tag of the update's response" "$(field ETag)" "$city_tag"

title "The list with the city is updated, too"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$stored"
expect_contains "the new value" "$(body)" '"population":3755251'
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"

title "Of 100 writes through one server, each is in the next response of the other"
stale=0
for population in $(seq 3755300 3755399); do
    if [ $((population % 2)) -eq 0 ]; then writer="$first" reader="$second"; else writer="$second" reader="$first"; fi
    curl --silent --max-time 5 --output /dev/null -X PATCH "$writer$city" -H 'If-Match: *' \
        -H 'Content-Type: application/json' -d "{\"population\": $population}"
    shows "$reader" "$city" "\"population\":$population" || stale=$((stale + 1))
    shows "$reader" "$list" "\"population\":$population" || stale=$((stale + 1))
done
expect "stale responses" "$stale" 0
base="$first"
request PATCH "$city" -H 'If-Match: *' -H 'Content-Type: application/json' -d '{"population": 3755251}'
city_tag="$(field ETag)"
base="$second"
for _ in 1 2; do request GET "$list"; done
expect "cache" "$(field Cache-Status)" "$hit"

title "A purge on the first instance reaches the second"
base="$first"
request POST '/cache-administration/purges?prefix=/cities' -H "Authorization: Bearer $secret"
expect "status" "$status" 200
show_body 150
within 1000 "the second instance runs its handler again" has_cache_status "$second" "$list" "$stored"
within 1000 "its response is a hit on the first instance" has_cache_status "$first" "$list" "$hit"

title "Both instances serve requests after redis-server is killed"
kill_redis
for base in "$first" "$second"; do
    request GET "$list"
    expect "status" "$status" 200
    expect_contains "the current value" "$(body)" '"population":3755251'
    request GET "$city"
    expect "status" "$status" 200
    expect "the city has its tag" "$(field ETag)" "$city_tag"
done

title "During the outage updates stay conditional and are visible at once"
request PATCH "$city" -H 'If-Match: "0123456789abcdef"' -H 'Content-Type: application/json' -d '{"population": 1}'
expect "status" "$status" 412
request PATCH "$city" -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 3769495}'
expect "status" "$status" 200
base="$first"
request GET "$city"
expect_contains "the first instance returns the new value" "$(body)" '"population":3769495'

title "Both instances reconnect to an empty redis-server and have hits again"
if start_redis_on_port; then
    expect "redis-server restarted on the same port" yes yes
else
    expect "redis-server restarted on the same port" no yes
fi
within 15000 "hits on the first instance" has_cache_status "$first" "$list" "$hit"
within 15000 "hits on the second instance" has_cache_status "$second" "$list" "$hit"
within 15000 "the first instance is subscribed again" is_subscribed "$first"
within 15000 "the second instance is subscribed to changes" is_subscribed "$second"
within 2000 "both instances return the same tag" agree_on_tag "$list"
for base in "$first" "$second"; do
    request GET "$list"
    expect_contains "the current value" "$(body)" '"population":3769495'
done

# --- an import

# read_during_import: requests lists and rows of both servers until `work/reading` is removed, and prints the statuses.
read_during_import() {
    local address target
    while [ -e "$work/reading" ]; do
        for address in "$first" "$second"; do
            for target in "$list" "$city" /countries/DE; do
                curl --silent --max-time 30 --output /dev/null --write-out '%{http_code}\n' "$address$target" || true
            done
        done
        sleep 0.02
    done
}

base="$first"
before="$(count_cities)"
prepare_upload "${BULK_FILE:-$bundled}"
touch "$work/reading"
read_during_import >"$work/statuses" &
reader=$!

title "An import is sent to the first server and watched on the second; two workers carry it out"
request PATCH '/cities/operations?unique_fields=id' -H "$authorization" -H 'Content-Type: text/csv' \
    -H 'Content-Encoding: gzip' -H 'Expect:' --data-binary "@$upload"
expect "status" "$status" 202
operation="$(sed 's/.*"task_id":"\([^"]*\)".*/\1/' "$work/body")"
total="$(member total_items)"
base="$second"
follow 20

title "A worker is killed with SIGKILL. The other one goes on, and gets the chunk when its lease ends"
{ kill -KILL "$worker" && wait "$worker"; } 2>/dev/null || true
follow 40

if [ "$DATABASE" = postgres ]; then
    title "PostgreSQL crashes and starts again"
    restart_postgres
    follow 60
fi

title "The redis-server is killed"
kill_redis
follow 101
expect "the operation has ended" "$ended" yes

title "Every row was written exactly once, and no read failed"
check_counts
expect "cities in the database: $before + $created" "$(count_cities)" "$((before + created))"
rm "$work/reading"
wait "$reader"
expect "reads with another status than 200, of $(wc -l <"$work/statuses")" "$(grep -cv '^200$' "$work/statuses" || true)" 0

# --- the end

end_steps
if [ "$keep_running" -eq 1 ]; then
    echo "Running until Ctrl-C: $first, $second, and redis-server at 127.0.0.1:$port."
    echo "Try: curl -i '$first/cities?search=ber' && curl -i '$second/cities?search=ber'"
    wait "${servers[@]}"
fi
