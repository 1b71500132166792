#!/usr/bin/env bash
# Starts the Cities example on a free loopback port and imports a file of cities with one request. Draws the progress from the
# event stream, kills the server half way, starts it again, and shows that every row is there exactly once. Then it mends the
# rows that failed and sends them again. Every step checks its results; the script exits with 0 if all checks succeed.
#
#   [DATABASE=postgres] Scripts/bulk-demo.sh [FILE]
#
# FILE is a CSV file with the columns of cities, or such a file with gzip. Without it, the script uses cities500.csv.gz in this
# folder or in ../shared/data, and otherwise cities that it derives from those of the example.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
source Scripts/cities-server.sh
source Scripts/tour-steps.sh
source Scripts/bulk-steps.sh
cleanup() {
    stop_cities
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the file

file="${1:-}"
for candidate in cities500.csv.gz ../shared/data/cities500.csv.gz; do
    if [ -z "$file" ] && [ -f "$candidate" ]; then file="$candidate"; fi
done
prepare_upload "${file:-$bundled}"
rows="$(($(gunzip -c "$upload" | wc -l) - 1))"
echo "The file is ${file:-$bundled}: about $rows rows, $(($(wc -c <"$upload") / 1024)) KiB with gzip"
# Enough chunks to interrupt, if the file is small.
# shellcheck disable=SC2034 # start_cities reads it
if [ "$rows" -lt 100000 ]; then cities_options=(--chunk-items 100); fi

# --- functions

# kill_server: ends the server without giving it time for anything.
kill_server() {
    # Suppresses the shell's message about the killed job.
    { kill -KILL "$server" && wait "$server"; } 2>/dev/null || true
    servers=()
}

# --- the demo

start_cities
before="$(count_cities)"
echo "The database has $before cities."

title "One request sends the whole file. Each row adds a city, or updates the one with its identifier"
request PATCH '/cities/operations?unique_fields=id' -H "$authorization" -H 'Content-Type: text/csv' \
    -H 'Content-Encoding: gzip' -H 'Expect:' --data-binary "@$upload"
show_body 400
expect "status" "$status" 202
operation="$(sed 's/.*"task_id":"\([^"]*\)".*/\1/' "$work/body")"
total="$(member total_items)"

title "The event stream shows the progress. Half way the server is killed with SIGKILL"
follow 40
expect "the operation had not ended" "$ended" no
kill_server
echo "     The server is dead."

title "The server is started again. The operation continues by itself, and the stream continues after event $last_event"
echo "     The chunk that the kill interrupted follows when its lease ends, after 5 seconds."
start_cities
echo "     Rows that were committed before: $(($(count_cities) - before)) are new."
follow 101
expect "the operation has ended" "$ended" yes

title "Every row was written exactly once"
check_counts
after="$(count_cities)"
expect "cities in the database: $before + $created" "$after" "$((before + created))"

title "The rows that failed, as a file with the reason of each"
request GET "/operations/$operation/results?outcome=failed" -H "$authorization" -H 'Accept: text/csv'
cp "$work/body" "$work/failed.csv"
show_body 150 4
expect "failed rows" "$(($(wc -l <"$work/failed.csv") - 1))" "$failed"

title "The file is mended with sed (an empty admin1_code becomes 00) and sent again; the request waits for the end"
# shellcheck disable=SC2016 # the $ is an address of sed
printf '     $ sed -E %s failed.csv >mended.csv\n' "'2,\$s/,([A-Z]{2}),,/,\\1,00,/'"
sed -E '2,$s/,([A-Z]{2}),,/,\1,00,/' "$work/failed.csv" >"$work/mended.csv"
request PATCH '/cities/operations?unique_fields=id' -H "$authorization" -H 'Content-Type: text/csv' -H 'Prefer: wait=10' \
    --data-binary "@$work/mended.csv"
expect "status" "$status" 200
expect "no failed rows" "$(member error_count)" 0
mended="$(member created_count)"
expect "cities in the database: $after + $mended" "$(count_cities)" "$((after + mended))"

end_steps
