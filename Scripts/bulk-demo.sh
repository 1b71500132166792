#!/usr/bin/env bash
# Starts the Cities example on a free loopback port and imports a file of cities with one request. Draws the progress from the
# event stream, kills the server half way, starts it again, and shows that every row is there exactly once. Then it mends the
# rows that failed and sends them again. Every step checks its results; the script exits with 0 if all checks succeed.
#
#   Scripts/bulk-demo.sh [FILE]
#
# FILE is a CSV file with the columns of cities, or such a file with gzip. Without it, the script uses cities500.csv.gz in this
# folder or in ../shared/data, and otherwise cities that it derives from those of the example.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
source Scripts/cities-server.sh
source Scripts/tour-steps.sh
cleanup() {
    stop_cities
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- the file

file="${1:-}"
bundled=Examples/Cities/Data/cities15000.csv
for candidate in cities500.csv.gz ../shared/data/cities500.csv.gz; do
    if [ -z "$file" ] && [ -f "$candidate" ]; then file="$candidate"; fi
done
upload="$work/cities.csv.gz"
case "${file:-$bundled}" in
"$bundled")
    # The database has the cities of this file already. With other identifiers they are new.
    awk 'BEGIN { FS = OFS = "," } NR > 1 { $1 += 1000000000 } { print }' "$bundled" | gzip >"$upload"
    ;;
*.gz) cp "$file" "$upload" ;;
*) gzip <"$file" >"$upload" ;;
esac
rows="$(($(gunzip -c "$upload" | wc -l) - 1))"
echo "The file is ${file:-$bundled}: about $rows rows, $(($(wc -c <"$upload") / 1024)) KiB with gzip"
# Enough chunks to interrupt, if the file is small.
# shellcheck disable=SC2034 # start_cities reads it
if [ "$rows" -lt 100000 ]; then cities_options=(--chunk-items 100); fi

# --- functions

authorization='Authorization: Bearer alice-secret'
operation=""
last_event=0
percentage=0
ended=no

# member NAME [FILE]: prints a number of a JSON document.
member() { grep -o "\"$1\" *: *[0-9]*" "${2:-$work/body}" | head -n 1 | grep -o '[0-9]*$' || echo 0; }

# count_cities: prints the number of rows: what a deletion of all would delete.
count_cities() {
    curl --silent --max-time 20 --output /dev/null --dump-header - -X DELETE -H "$authorization" \
        -H 'X-BULK-OPERATION: all' "$base/cities?dry_run=true" | tr -d '\r' | sed -n 's/^Bulk-Affected: //Ip'
}

# draw JSON: draws the progress in one line of a terminal, or in a line of its own.
draw() {
    local current total rate=0 remaining=""
    [[ "$1" =~ \"current\":([0-9]+),\"total\":([0-9]+),\"percentage\":([0-9]+) ]] || return 0
    current="${BASH_REMATCH[1]}" total="${BASH_REMATCH[2]}" percentage="${BASH_REMATCH[3]}"
    if [[ "$1" =~ \"rate\":([0-9]+) ]]; then rate="${BASH_REMATCH[1]}"; fi
    if [[ "$1" =~ \"remaining_seconds\":([0-9.]+) ]]; then remaining=", ${BASH_REMATCH[1]} s left"; fi
    local full=$((percentage * 40 / 100)) bar
    bar="$(printf '%*s' "$full" '' | tr ' ' '#')$(printf '%*s' $((40 - full)) '' | tr ' ' '.')"
    if [ -t 1 ]; then printf '\r'; fi
    printf '     [%s] %3d %%  %d of %d rows, %d a second%s' "$bar" "$percentage" "$current" "$total" "$rate" "$remaining"
    if [ -t 1 ]; then printf '   '; else printf '\n'; fi
}

# follow LIMIT: draws the events of the operation until its end, or until LIMIT percent.
follow() {
    local line
    ended=no
    while IFS= read -r line; do
        case "$line" in
        'event: end') ended=yes ;;
        id:*) last_event="${line#id: }" ;;
        data:*) draw "${line#data: }" ;;
        '') if [ "$ended" = yes ] || [ "$percentage" -ge "$1" ]; then break; fi ;;
        esac
    done < <(curl --silent --no-buffer --max-time 120 -H "$authorization" -H 'Accept: text/event-stream' \
        -H "Last-Event-ID: $last_event" "$base/operations/$operation/status" || true)
    if [ -t 1 ]; then echo; fi
}

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
request GET "/operations/$operation/status" -H "$authorization"
cp "$work/body" "$work/status"
expect_contains "state" "$(body)" '"state":"SUCCESS"'
created="$(member created_count)" updated="$(member updated_count)" unchanged="$(member unchanged_count)"
failed="$(member error_count)"
printf '     %d created + %d updated + %d unchanged + %d failed = %d rows\n' "$created" "$updated" "$unchanged" "$failed" "$total"
expect "the counts add up" "$((created + updated + unchanged + failed))" "$total"
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
