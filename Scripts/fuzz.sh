#!/usr/bin/env bash
# Fuzzes the parsers of bytes from clients and stores with libFuzzer for FUZZ_SECONDS in all, divided among the targets
# of Fuzz/. An input of 64 KiB that takes more than a second is a failure like a crash.
set -euo pipefail
cd "$(dirname "$0")/../Fuzz"

swift build -c release --sanitize fuzzer
targets=($(ls Sources))
# At least one second each: 0 would mean no limit.
seconds=$(((${FUZZ_SECONDS:-60} + ${#targets[@]} - 1) / ${#targets[@]}))
if [ "$seconds" -lt 1 ]; then
    echo "FUZZ_SECONDS must be a number above 0, not ${FUZZ_SECONDS:-}" >&2
    exit 2
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

for target in "${targets[@]}"; do
    mkdir "$work/$target"
    # The longest inputs that a quadratic parser would read repeatedly.
    for piece in ',' '"' 'W/"' '"a", ' ';q=' '*'; do
        head -c 65536 < <(yes "$piece" | tr -d '\n') >"$work/$target/long-$(printf '%s' "$piece" | od -An -tx1 | tr -d ' ')"
    done
    echo "== $target, $seconds seconds"
    # Swift's own backtraces would replace libFuzzer's report. Failing inputs are written to Fuzz/, named after the target.
    SWIFT_BACKTRACE=enable=no ".build/release/$target" -max_total_time="$seconds" -max_len=65536 -len_control=20 -timeout=1 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$target-" "$work/$target" "Seeds/$target" 2>&1 | grep -v -e '# Uses:' -e 'ecommended dictionary'
done
