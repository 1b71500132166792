#!/usr/bin/env bash
# Runs the tests under the thread sanitizer, without suppressions. thread-sanitizer/*.c reports the synchronization of
# Swift's Mutex and continuations, which the sanitizer cannot observe.
set -euo pipefail
cd "$(dirname "$0")/.."

build=.build-thread-sanitizer
swift build --build-tests --sanitize thread --scratch-path "$build" --enable-all-traits
clang="$(command -v clang || echo "$(dirname "$(realpath "$(command -v swift)")")/clang")"
"$clang" -shared -fPIC -O1 -Wall -Werror -o "$build/libsynchronization.so" Scripts/thread-sanitizer/*.c -ldl
# Not the processes that StoreRacesTests and CrashTests start: an executable without exported symbols does not report when a task resumes.
LD_PRELOAD="$PWD/$build/libsynchronization.so" TSAN_OPTIONS="halt_on_error=1 exitcode=66" SWIFT_BACKTRACE=enable=no \
    "$build/debug/swift-response-cachePackageTests.xctest" --testing-library swift-testing --skip StoreRacesTests --skip CrashTests \
    --experimental-maximum-parallelization-width 4 "$@"
