#!/usr/bin/env bash
# Prints the instructions that each path of Benchmarks/Sources/HotPath takes for one operation, as callgrind counts them:
# the difference between a long and a short run, so that start and warm-up do not count. The same for one request through
# Hummingbird, by Benchmarks/Sources/HummingbirdPath; `callgrind.sh hummingbird` prints these alone.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"

if ! command -v valgrind >/dev/null; then
    echo "make callgrind needs valgrind" >&2
    exit 1
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

build() {
    swift build -c release --product "$1"
    # Callgrind 3.19 does not read Swift's debugging information.
    strip -g -o "$work/$1" ".build/release/$1"
}

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$work/$@" 2>&1 | sed -n 's/.*Collected : //p'
}

# How the threads meet differs from run to run: the difference of the least of three runs of each length.
least() {
    for _ in 1 2 3; do instructions hummingbird-path "$@"; done | sort -n | head -1
}

# A request that a browser sends, and one that curl sends.
build hummingbird-path
printf '%-20s %12s   %s\n' 'through Hummingbird' instructions compared
for fields in browser curl; do
    plain=
    for path in plain pass hit; do
        count=$((($(least "$path" 3000 "$fields") - $(least "$path" 1000 "$fields")) / 2000))
        plain="${plain:-$count}"
        ratio="$(awk -v a="$count" -v b="$plain" 'BEGIN { printf "%.3f", a / b }')"
        printf '%-20s %12d   %s of plain\n' "$path, $fields" "$count" "$ratio"
    done
done
if [ "${1:-}" = hummingbird ]; then exit; fi

build hot-path

per_operation() {
    echo $((($(instructions hot-path "$1" 3000) - $(instructions hot-path "$1" 1000)) / 2000))
}

# Each path, the one it is compared with (the digest of the same bytes, or the evaluation that it saves), and the one whose
# instructions are not its own, if there is one.
printf '%-20s %12s   %s\n' path instructions compared
declare -A counts
while read -r path other less; do
    counts[$path]="$(per_operation "$path")"
    own="${counts[$path]}"
    if [ -n "${less:-}" ]; then own=$((own - counts[$less])); fi
    ratio="$(awk -v a="$own" -v b="${counts[$other]}" 'BEGIN { printf "%.2f", a / b }')"
    printf '%-20s %12d   %s of %s%s\n' "$path" "${counts[$path]}" "$ratio" "$other" "${less:+, without $less}"
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
md5-10k md5-10k
pipeline md5-10k
body-tag md5-10k pipeline
zlib zlib
gzip zlib
END
