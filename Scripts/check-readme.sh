#!/usr/bin/env bash
# Every Swift block of the README has to stand, line for line, in a source that the build compiles.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
block=""
inside=0
start=0
number=0
while IFS= read -r line; do
    number=$((number + 1))
    if [ $inside -eq 0 ] && [ "$line" = '```swift' ]; then
        inside=1
        start=$number
        block=""
    elif [ $inside -eq 1 ] && [ "$line" = '```' ]; then
        inside=0
        found=0
        while IFS= read -r source; do
            contents="$(cat "$source")"
            if [[ "$contents" == *"${block%$'\n'}"* ]]; then
                found=1
                break
            fi
        done < <(find Examples -name '*.swift' -not -path '*/.build/*')
        if [ $found -eq 0 ]; then
            echo "README.md:$start: this Swift block stands in no source under Examples/" >&2
            failed=1
        fi
    elif [ $inside -eq 1 ]; then
        block+="$line"$'\n'
    fi
done <README.md
exit $failed
