#!/usr/bin/env bash
# Has libFuzzer try what reads bytes that anybody can send, or leave in a store: FUZZ_SECONDS in all, divided among the targets
# of Fuzz/. An input of 64 KiB that takes more than a second is a failure like a crash.
set -euo pipefail
cd "$(dirname "$0")/../Fuzz"

swift build -c release --sanitize fuzzer
targets=($(ls Sources))
# At least one for each: none would be no limit.
seconds=$(((${FUZZ_SECONDS:-60} + ${#targets[@]} - 1) / ${#targets[@]}))
if [ "$seconds" -lt 1 ]; then
    echo "FUZZ_SECONDS must be a number above 0, not ${FUZZ_SECONDS:-}" >&2
    exit 2
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

for target in "${targets[@]}"; do
    mkdir "$work/$target"
    # The longest inputs of what a careless parser reads again and again.
    for piece in ',' '"' 'W/"' '"a", ' ';q=' '*'; do
        head -c 65536 < <(yes "$piece" | tr -d '\n') >"$work/$target/long-$(printf '%s' "$piece" | od -An -tx1 | tr -d ' ')"
    done
    echo "== $target, $seconds seconds"
    # Swift's own backtraces would take the place of libFuzzer's report. What fails stays in Fuzz/, named after the target.
    SWIFT_BACKTRACE=enable=no ".build/release/$target" -max_total_time="$seconds" -max_len=65536 -len_control=20 -timeout=1 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$target-" "$work/$target" "Seeds/$target" 2>&1 | grep -v -e '# Uses:' -e 'ecommended dictionary'
done
