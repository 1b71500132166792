#!/usr/bin/env bash
# Starts a redis-server and two instances of the Cities example on free loopback ports and shows with curl how the instances
# share their cache, hear of each other's writes and purges, and go on without the server. Every step says what it expects;
# the script exits 0 only when all was so. With --keep-running everything stays until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

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

# --- the Redis server, which keeps nothing on disk

# Whether it is this one that answers there, and not somebody else's.
redis_answers() {
    [[ "$(redis-cli -h 127.0.0.1 -p "$port" info server 2>/dev/null)" == *"process_id:$redis"$'\r'* ]]
}

# Starts the server on `port`; fails when somebody else has the port.
start_redis_on_port() {
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" >>"$work/redis.log" 2>&1 &
    redis=$!
    for _ in $(seq 100); do
        if redis_answers; then return 0; fi
        if ! kill -0 "$redis" 2>/dev/null; then return 1; fi
        sleep 0.05
    done
    return 1
}

start_redis() {
    for _ in $(seq 20); do
        # Below the ports that the system gives to clients.
        port=$((20000 + RANDOM % 10000))
        if start_redis_on_port; then
            echo "redis-server runs at 127.0.0.1:$port"
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
    # The shell would tell of it.
    { kill -KILL "$redis" && wait "$redis"; } 2>/dev/null || true
    redis=""
}

# --- what a cluster's steps have more than others

# within MILLISECONDS WHAT COMMAND...: repeats a command until it succeeds, and says how long that took.
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

# The conditions that are waited for, each of the instance at an address.
hears_the_other() { [[ "$(curl --silent --max-time 5 "$1/stats")" == *'"memory_tier":1'* ]]; }
shows() { [[ "$(curl --silent --max-time 5 "$1$2")" == *"$3"* ]]; }
header() { curl --silent --max-time 5 --output /dev/null --dump-header - "$1$2" | tr -d '\r' | sed -n "s/^$3: //Ip"; }
has_cache_status() { [ "$(header "$1" "$2" Cache-Status)" = "$3" ]; }
agree_on_tag() {
    local tag
    tag="$(header "$first" "$1" ETag)"
    [ -n "$tag" ] && [ "$tag" = "$(header "$second" "$1" ETag)" ]
}

# How many look-ups the Redis server has answered.
look_ups() { redis-cli -h 127.0.0.1 -p "$port" info commandstats | sed -n 's/^cmdstat_mget:calls=\([0-9]*\),.*/\1/p'; }

# --- the cluster

start_redis
# In a script of your own it comes from where secrets are kept.
secret="cluster-demo-secret"
# shellcheck disable=SC2034 # start_cities reads it
cities_options=(--log-level error --cache "tiered+redis://127.0.0.1:$port/0" --administration-secret "$secret")
start_cities
first="$base"
start_cities
second="$base"

list='/cities?country=DE&min_population=100000&page_size=3'
city='/cities/2950159'
hit="ResponseCache; hit"
stored="ResponseCache; fwd=uri-miss; stored"

title "Two instances with one database and one Redis server, and each with a tier in memory"
within 10000 "the first hears what the other changes" hears_the_other "$first"
within 10000 "the second, too" hears_the_other "$second"

title "What the first answers is stored in the server"
base="$first"
request GET "$list"
expect "status" "$status" 200
expect "cache" "$(field Cache-Status)" "$stored"
tag="$(field ETag)"

title "So the second has it: a hit, and no handler ever ran there"
base="$second"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"
expect "the same tag" "$(field ETag)" "$tag"
expect "runs of the handler" "$(runs CityListView.get)" 0

title "Now the second has it in its memory and asks the server for nothing"
before="$(look_ups)"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"
expect "look-ups in the server" "$(look_ups)" "$before"

title "An update on the first is seen on the second, which has the old city in its memory"
for _ in 1 2; do request GET "$city"; done
expect "the second has the city" "$(field Cache-Status)" "$hit"
city_tag="$(field ETag)"
base="$first"
request PATCH "$city" -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 3755251}'
expect "status" "$status" 200
within 1000 "the second shows the new value" shows "$second" "$city" '"population":3755251'
city_tag="$(field ETag)"
base="$second"
request GET "$city"
expect "with the tag that the update was answered with" "$(field ETag)" "$city_tag"

title "So is the list, which has the city in it"
request GET "$list"
expect "cache" "$(field Cache-Status)" "$stored"
expect_contains "the new value" "$(body)" '"population":3755251'
request GET "$list"
expect "cache" "$(field Cache-Status)" "$hit"

title "A purge on the first reaches the second"
base="$first"
request POST '/cache-administration/purges?prefix=/cities' -H "Authorization: Bearer $secret"
expect "status" "$status" 200
show_body 150
within 1000 "the second runs its handler again" has_cache_status "$second" "$list" "$stored"
within 1000 "and its answer is a hit on the first" has_cache_status "$first" "$list" "$hit"

title "redis-server is killed, and both go on answering"
kill_redis
for base in "$first" "$second"; do
    request GET "$list"
    expect "status" "$status" 200
    expect_contains "the right value" "$(body)" '"population":3755251'
    request GET "$city"
    expect "status" "$status" 200
    expect "the city has its tag" "$(field ETag)" "$city_tag"
done

title "Updates stay conditional meanwhile, and are seen at once"
request PATCH "$city" -H 'If-Match: "0123456789abcdef"' -H 'Content-Type: application/json' -d '{"population": 1}'
expect "status" "$status" 412
request PATCH "$city" -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 3769495}'
expect "status" "$status" 200
base="$first"
request GET "$city"
expect_contains "the first shows the new value" "$(body)" '"population":3769495'

title "redis-server comes back with nothing in it, and the hits come back by themselves"
if start_redis_on_port; then
    expect "redis-server runs on the same port" yes yes
else
    expect "redis-server runs on the same port" no yes
fi
within 15000 "hits on the first" has_cache_status "$first" "$list" "$hit"
within 15000 "hits on the second" has_cache_status "$second" "$list" "$hit"
within 15000 "the first hears the other again" hears_the_other "$first"
within 15000 "the second, too" hears_the_other "$second"
within 2000 "both agree on the tag" agree_on_tag "$list"
for base in "$first" "$second"; do
    request GET "$list"
    expect_contains "the right value" "$(body)" '"population":3769495'
done

# --- the end

end_steps
if [ "$keep_running" -eq 1 ]; then
    echo "All keep running until Ctrl-C: $first and $second, and redis-server at 127.0.0.1:$port."
    echo "Try: curl -i '$first/cities?name=ber' && curl -i '$second/cities?name=ber'"
    wait "${servers[@]}"
fi
