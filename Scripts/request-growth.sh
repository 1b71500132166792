#!/usr/bin/env bash
# Measures how the work for a request grows with the size of each of its parts, and fails for superlinear growth.
#
# Tests/RequestGrowth sends the requests through the whole pipeline with each store, and callgrind counts the instructions of
# all threads: times would depend on the machine and its load. The cost of n more bytes is compared with that of 8 n more
# bytes, which may be at most 16 times the instructions: this leaves room for sorting, while quadratic work takes 64 times.
# `request-growth.sh PART` measures the parts with PART in their name, GROWTH_REPORT=1 prints all measurements, and
# GROWTH_SIZE is n.
set -euo pipefail
cd "$(dirname "$0")/.."

n="${GROWTH_SIZE:-256}"
part="${1:-}"
measured='$s13RequestGrowth13measureOneRunyyF'

for program in valgrind redis-server; do
    if ! command -v "$program" >/dev/null; then
        echo "make growth needs $program" >&2
        exit 1
    fi
done

# As `make test` compiles it, see BUILD in the Makefile.
SWIFT_DETERMINISTIC_HASHING=1 swift build --enable-all-traits --product RequestGrowth
binary="$(swift build --show-bin-path)/RequestGrowth"

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

# Runs one store with one key and all shapes, or those with a name. Prints the instructions and the line of each measurement.
run() {
    local store="$1" key="$2" database="$3" part="$4" folder size
    folder="$(mktemp -d "$work/$store-$key-XXXXXX")"
    # With a key of many bits each byte takes longer.
    size="$n"
    if [ "$key" = every ]; then size=$((n * 3 / 4)); fi
    if ! valgrind --tool=callgrind "--zero-before=$measured" "--dump-after=$measured" --dump-line=no \
        "--callgrind-out-file=$folder/out" "$work/RequestGrowth" \
        "$store" "$key" "$size" "unix://$work/redis?db=$database" "$part" >"$folder/lines" 2>"$folder/errors"; then
        cat "$folder/errors" >&2
        return 1
    fi
    # Callgrind writes a file for each measurement, whose numbers are in the order of the lines.
    awk -v stack="$store|$key" -v folder="$folder" '{
        file = folder "/out." NR
        count = ""
        while ((getline line < file) > 0) if (line ~ /^totals: /) count = substr(line, 9)
        close(file)
        if (count == "") { print "no count for " $0 >"/dev/stderr"; exit 1 }
        print count "|" stack "|" $0
    }' "$folder/lines" >"$folder.counts"
    rm -r "$folder"
}

# Prints shapes with excessive growth, or all shapes, and writes the names of the former to a file.
evaluate() {
    : >"$work/failures"
    cat "$work"/*.counts | awk -F'|' -v failures="$work/failures" -v all="${GROWTH_REPORT:-}" -v limit=16 '
        {
            id = $2 FS $3 FS $4 FS $5
            if (!(id in sizeCount)) ids[++count] = id
            # Other threads can only increase a count, so the minimum of several counts is the most accurate.
            if (!((id, $6) in counts)) { sizes[id, ++sizeCount[id]] = $6; counts[id, $6] = $1 }
            if ($1 < counts[id, $6]) counts[id, $6] = $1
        }
        END {
            format = "%-7s %-6s %-24s %-40s %12s %12s %6s %s\n"
            for (i = 1; i <= count; i++) {
                id = ids[i]
                split(id, names, FS)
                first = counts[id, sizes[id, 1]]
                low = counts[id, sizes[id, 2]] - first
                high = counts[id, sizes[id, 3]] - first
                # Smaller differences are noise: tables double occasionally, and the number of wake-ups varies.
                least = (names[1] == "memory" ? 0.04 : 0.08) * first
                if (low < least) low = least
                times = high / low
                if (times > largest) largest = times
                failed = times > limit
                if (failed) { failedCount++; print id >failures }
                if ((failed || all != "") && !lineCount++)
                    printf format, "store", "key", "part", "filled with", "for n bytes", "for 8 n", "times", ""
                if (failed || all != "")
                    printf format, names[1], names[2], names[3], names[4], low, high, sprintf("%.1f", times), failed ? "FAILED" : ""
            }
            printf "%d shapes: 8 times the bytes take %.1f times the instructions at most; %.1f are allowed\n", count, largest, limit
            exit count == 0 || failedCount > 0
        }'
}

{
    run memory every 0 "$part"
    run tiered safe 1 "$part"
} &
first=$!
{
    run memory safe 0 "$part"
    run redis safe 2 "$part"
} &
second=$!
status=0
wait "$first" || status=1
wait "$second" || status=1
if [ "$status" -ne 0 ]; then exit 1; fi

# Shapes with excessive growth are measured again, together with the shapes whose names contain their name.
for _ in 1 2; do
    if evaluate >/dev/null; then break; fi
    while IFS='|' read -r store key part name; do run "$store" "$key" 3 "$part: $name"; done < <(head -40 "$work/failures")
done
evaluate
