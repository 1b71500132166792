#!/usr/bin/env bash
# Runs the tests under the thread sanitizer, which has to find nothing. Nothing is suppressed: what it cannot see of Swift's Mutex
# and continuations it is told by thread-sanitizer/*.c.
set -euo pipefail
cd "$(dirname "$0")/.."

build=.build-thread-sanitizer
swift build --build-tests --sanitize thread --scratch-path "$build" --enable-all-traits
clang="$(command -v clang || echo "$(dirname "$(realpath "$(command -v swift)")")/clang")"
"$clang" -shared -fPIC -O1 -Wall -Werror -o "$build/libsynchronization.so" Scripts/thread-sanitizer/*.c -ldl
# Not the processes that StoreRaces starts: an executable that exports no symbols does not tell the sanitizer when a task goes on.
LD_PRELOAD="$PWD/$build/libsynchronization.so" TSAN_OPTIONS="halt_on_error=1 exitcode=66" SWIFT_BACKTRACE=enable=no \
    "$build/debug/swift-response-cachePackageTests.xctest" --testing-library swift-testing --skip StoreRacesTests \
    --experimental-maximum-parallelization-width 4 "$@"
