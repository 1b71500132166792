# shellcheck shell=bash
# Functions for demonstrations of imports. Source it after cities-server.sh and tour-steps.sh.

# shellcheck disable=SC2154 # work, base
bundled=Examples/Cities/Data/cities15000.csv
upload="$work/cities.csv.gz"

# prepare_upload FILE: makes `upload` of a CSV file, or of one with gzip.
prepare_upload() {
    case "$1" in
    "$bundled")
        # The database has the cities of this file already. With other identifiers they are new.
        awk 'BEGIN { FS = OFS = "," } NR > 1 { $1 += 1000000000 } { print }' "$bundled" | gzip >"$upload"
        ;;
    *.gz) cp "$1" "$upload" ;;
    *) gzip <"$1" >"$upload" ;;
    esac
}

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

# check_counts: checks that the operation has succeeded and that each item is counted once, and sets `created`, `updated`, `unchanged` and
# `failed`.
check_counts() {
    request GET "/operations/$operation/status" -H "$authorization"
    cp "$work/body" "$work/status"
    expect_contains "state" "$(body)" '"state":"SUCCESS"'
    created="$(member created_count)" updated="$(member updated_count)" unchanged="$(member unchanged_count)"
    failed="$(member error_count)"
    printf '     %d created + %d updated + %d unchanged + %d failed = %d rows\n' \
        "$created" "$updated" "$unchanged" "$failed" "$total"
    expect "the counts add up" "$((created + updated + unchanged + failed))" "$total"
}
