#!/usr/bin/env bash
# Measures how the work for a request grows with the size of each of its parts, and fails where it grows faster than the size.
#
# Tests/RequestGrowth sends the requests through the whole pipeline with each store, and callgrind counts the instructions of
# all threads: times would depend on the machine and on what else runs there. What n more bytes take is compared with what 8 n more
# bytes take: that may be no more than 8 * 1.35 times the instructions. `request-growth.sh PART` measures the parts that have PART
# in their name, GROWTH_REPORT=1 prints all that was measured, and GROWTH_SIZE is n for the store in memory.
set -euo pipefail
cd "$(dirname "$0")/.."

traits="${TESTED_TRAITS:-default,Crypto,RedisTLS}"
size="${GROWTH_SIZE:-384}"
part="${1:-}"
measured='$s13RequestGrowth13measureOneRunyyF'

for program in valgrind redis-server; do
    if ! command -v "$program" >/dev/null; then
        echo "make growth needs $program" >&2
        exit 1
    fi
done

swift build --traits "$traits" --product RequestGrowth
binary="$(swift build --traits "$traits" --show-bin-path)/RequestGrowth"

work="$(mktemp -d /tmp/request-growth-XXXXXX)"
redis=
trap 'if [ -n "$redis" ]; then kill "$redis"; fi; rm -rf "$work"' EXIT
# Callgrind 3.19 does not read Swift's debugging information.
strip -g -o "$work/RequestGrowth" "$binary"

redis-server --port 0 --unixsocket "$work/redis" --dir "$work" --save '' --appendonly no >"$work/redis.log" &
redis=$!
for _ in $(seq 100); do
    if [ -S "$work/redis" ]; then break; fi
    sleep 0.1
done
if ! [ -S "$work/redis" ]; then
    cat "$work/redis.log" >&2
    exit 1
fi

# Runs one store with one key: a line for each measurement, with its instructions in front.
run() {
    local store="$1" key="$2" database="$3" size="$4" folder="$work/$1-$2"
    mkdir "$folder"
    if ! valgrind --tool=callgrind "--zero-before=$measured" "--dump-after=$measured" --dump-line=no \
        "--callgrind-out-file=$folder/out" "$work/RequestGrowth" \
        "$store" "$key" "$size" "unix://$work/redis?db=$database" "$part" >"$folder/lines" 2>"$folder/errors"; then
        cat "$folder/errors" >&2
        return 1
    fi
    # Callgrind writes a file for each measurement, whose numbers are in the order of the lines.
    awk -v stack="$store, $key key" -v folder="$folder" '{
        file = folder "/out." NR
        count = ""
        while ((getline line < file) > 0) if (line ~ /^totals: /) count = substr(line, 9)
        close(file)
        print (count == "" ? "missing" : count) "|" stack "|" $0
    }' "$folder/lines" >"$work/$store-$key.counts"
    rm -r "$folder"
}

# With a key of many bits each byte takes longer. And in front of the store all is the same, so that smaller requests show what the
# store does.
{
    run memory every 0 $((size * 2 / 3))
    run tiered safe 1 $((size / 2))
} &
first=$!
{
    run memory safe 0 "$size"
    run redis safe 2 $((size / 2))
} &
second=$!
status=0
wait "$first" || status=1
wait "$second" || status=1
if [ "$status" -ne 0 ]; then exit 1; fi

cat "$work"/*.counts | awk -F'|' -v report="${GROWTH_REPORT:-}" -v limit=10.8 '
    $1 == "missing" { print "no count for " $0; failed = 1; next }
    {
        id = $2 FS $3 FS $4
        if (id != last) { ids[++count] = id; last = id; number = 0 }
        counts[id, ++number] = $1
    }
    END {
        format = "%-18s %-24s %-44s %12s %12s %6s %s\n"
        printf format, "stack", "part", "filled with", "n bytes", "8 n bytes", "times", ""
        for (i = 1; i <= count; i++) {
            id = ids[i]
            split(id, names, FS)
            low = counts[id, 2] - counts[id, 1]
            high = counts[id, 3] - counts[id, 1]
            # What is less is no growth but what threads and tables that double now and then make of the same work.
            floor = 0.04 * counts[id, 1]
            if (low < floor) low = floor
            times = high / low
            if (times > largest) largest = times
            wrong = times > limit
            if (wrong) failed = 1
            if (wrong || report != "")
                printf format, names[1], names[2], names[3], low, high, sprintf("%.1f", times), wrong ? "FAILED" : ""
        }
        printf "%d shapes: eight times the size takes %.1f times the instructions at most, and may take %.1f\n", count, largest, limit
        if (count == 0) failed = 1
        exit failed
    }'
