#!/usr/bin/env bash
# Checks that the lines of every Swift block in the README and the guides are in a compiled source.
#
# Ignores indentation, and blocks after "<!-- not compiled: REASON -->".
set -euo pipefail
cd "$(dirname "$0")/.."

sources="$(mktemp)"
trap 'rm -f "$sources"' EXIT
git ls-files --cached --others --exclude-standard 'Examples/*.swift' 'Tests/*.swift' 'Sources/*.swift' | while IFS= read -r file; do
    printf '\n'
    sed 's/^[[:space:]]*//' "$file"
done >"$sources"

git ls-files --cached --others --exclude-standard 'README.md' 'Sources/*.md' | xargs awk -v sources="$sources" '
    BEGIN {
        # The whole file at once: adding line by line copies the text each time.
        separator = RS
        RS = "\001"
        getline text < sources
        RS = separator
        text = "\n" text "\n"
    }
    FNR == 1 { inside = 0; exempt = 0 }
    /^```swift$/ && !inside { inside = 1; start = FNR; block = "\n"; next }
    /^```$/ && inside {
        inside = 0
        if (!exempt && index(text, block) == 0) {
            printf "%s:%d: this Swift block is in no compiled source\n", FILENAME, start
            failed = 1
        }
        exempt = 0
        next
    }
    inside { sub(/^[[:space:]]*/, ""); block = block $0 "\n"; next }
    /^<!-- not compiled: / { exempt = 1 }
    END { exit failed }
' >&2
