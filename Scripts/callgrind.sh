#!/usr/bin/env bash
# Counts the instructions of the hot paths with callgrind and fails if a count is more than 3 % above Benchmarks/instructions.txt.
#
# The paths are those of Benchmarks/Sources/HotPath and requests through Hummingbird of Benchmarks/Sources/HummingbirdPath. A count is
# the difference between a long and a short run, divided by the number of operations: start-up and warm-up do not count.
# What Hummingbird itself takes depends on the machine: counts of requests through it are compared in proportion to its own.
# `callgrind.sh hummingbird`, `callgrind.sh resources` (a part of it) and `callgrind.sh hot-path` count one group. `RECORD=1
# callgrind.sh` writes the counts to the file instead.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"

if ! command -v valgrind >/dev/null; then
    echo "make callgrind needs valgrind" >&2
    exit 1
fi
# Otherwise each run hashes differently, and the difference of two runs varies by some percent.
export SWIFT_DETERMINISTIC_HASHING=1
group="${1:-}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
touch "$work/counts"

build() {
    swift build -c release --product "$1"
    # Callgrind 3.19 does not read Swift's debugging information.
    strip -g -o "$work/$1" ".build/release/$1"
}

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/$@" 2>&1 | sed -n 's/.*Collected : //p'
}

# Thread interaction varies between runs: the difference of the minima of three runs of each length.
least() {
    for _ in 1 2 3; do instructions hummingbird-path "$@"; done | sort -n | head -1
}

# Requests of a browser and of curl.
count_requests() {
    local fields path plain count ratio
    build hummingbird-path
    printf '%-20s %12s   %s\n' 'through Hummingbird' instructions compared
    for fields in browser curl; do
        plain=
        for path in plain pass hit; do
            count=$((($(least "$path" 3000 "$fields") - $(least "$path" 1000 "$fields")) / 2000))
            plain="${plain:-$count}"
            ratio="$(awk -v a="$count" -v b="$plain" 'BEGIN { printf "%.3f", a / b }')"
            printf '%-20s %12d   %s of plain\n' "$path, $fields" "$count" "$ratio"
            echo "$path-$fields $count" >>"$work/counts"
        done
    done
}

# A hit of a resource and a row that it reads, each with the route by hand that does the same, and a request on a server that answers
# hits in the channel, with the same request on one that does not; and the limits of the ratios. System calls are not counted.
count_resources() {
    local path other limit counts number ratio
    printf '%-20s %12s   %s\n' 'resources' instructions compared
    while read -r path other limit; do
        counts=()
        for number in "$other" "$path"; do
            counts+=($((($(least "$number" 3000 browser) - $(least "$number" 1000 browser)) / 2000)))
            echo "$number-browser ${counts[-1]}" >>"$work/counts"
        done
        ratio="$(awk -v a="${counts[1]}" -v b="${counts[0]}" 'BEGIN { printf "%.3f", a / b }')"
        printf '%-20s %12d\n' "$other" "${counts[0]}"
        printf '%-20s %12d   %s of %s, at most %s\n' "$path" "${counts[1]}" "$ratio" "$other" "$limit"
        if awk -v a="$ratio" -v b="$limit" 'BEGIN { exit a <= b }'; then
            echo "$path takes $ratio of the instructions of $other, and the limit is $limit" >&2
            exceeded=1
        fi
    done <<'END'
resource-hit route-hit 1.15
resource-row route-row 1.2
passed-on on-event-loops 1.07
END
}

per_operation() {
    echo $((($(instructions hot-path "$1" 3000) - $(instructions hot-path "$1" 1000)) / 2000))
}

# Each path, the path it is compared with (the digest of the same bytes, or the evaluation that it saves), and the path whose
# instructions are subtracted first, if any.
count_paths() {
    local path other less own ratio
    declare -A counts
    build hot-path
    printf '%-20s %12s   %s\n' path instructions compared
    while read -r path other less; do
        counts[$path]="$(per_operation "$path")"
        own="${counts[$path]}"
        if [ -n "${less:-}" ]; then own=$((own - counts[$less])); fi
        ratio="$(awk -v a="$own" -v b="${counts[$other]}" 'BEGIN { printf "%.2f", a / b }')"
        printf '%-20s %12d   %s of %s%s\n' "$path" "${counts[$path]}" "$ratio" "$other" "${less:+, without $less}"
        echo "$path ${counts[$path]}" >>"$work/counts"
    done <<'END'
md5 md5
md5-5 md5-5
key-3 md5
key-5 md5-5
memo key-3
key-4-asynchronous key-3
json-encoder md5
dictionary dictionary
memory-store dictionary
md5-100 md5-100
preconditions md5-100
hit md5-100
not-modified hit
route-hit hit
resource-hit route-hit
md5-10k md5-10k
pipeline md5-10k
body-tag md5-10k pipeline
zlib zlib
gzip zlib
END
}

exceeded=
if [ "$group" != hot-path ]; then
    if [ "$group" != resources ]; then count_requests; else build hummingbird-path; fi
    count_resources
fi
if [ -z "$group" ] || [ "$group" = hot-path ]; then count_paths; fi

recorded=instructions.txt
if [ -n "${RECORD:-}" ]; then
    awk 'NR == FNR { counts[$1] = $2; order[++n] = $1; next } !($1 in counts) { print } END { for (i = 1; i <= n; i++) print order[i], counts[order[i]] }' \
        "$work/counts" <(cat "$recorded" 2>/dev/null) >"$work/recorded"
    mv "$work/recorded" "$recorded"
    exit
fi
awk -v limit=1.03 '
    NR == FNR { recorded[$1] = $2; next }
    match($1, /^plain-/) { machine[substr($1, RLENGTH + 1)] = $2 / recorded[$1]; next }
    { client = $1; sub(/.*-/, "", client); if (client in machine) $2 = int($2 / machine[client]) }
    !($1 in recorded) { print $1 " is missing in Benchmarks/instructions.txt"; failed = 1; next }
    $2 > recorded[$1] * limit {
        printf "%s takes %d instructions, %.1f %% more than the recorded %d\n", $1, $2, ($2 / recorded[$1] - 1) * 100, recorded[$1]
        failed = 1
    }
    END { exit failed }' "$recorded" "$work/counts"
[ -z "$exceeded" ]
