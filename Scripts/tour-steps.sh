# shellcheck shell=bash
# Functions for the steps of a tour. Source it with `work` set to a temporary folder. Requests go to `base`. After a request,
# `status`, `milliseconds`, the fields and the body are available.

# shellcheck disable=SC2154 # work and base
# shellcheck disable=SC2034 # status
step=0
failures=0

title() {
    step=$((step + 1))
    printf '\n%d. %s\n' "$step" "$1"
}

# request METHOD TARGET [curl options]: prints and sends a request, and records status, fields, body and time.
request() {
    local method="$1" target="$2"
    shift 2
    local shown="curl"
    if [ "$method" = HEAD ]; then
        shown+=" --head"
    elif [ "$method" != GET ]; then
        shown+=" -X $method"
    fi
    local argument
    for argument in "$@"; do
        case "$argument" in
        -*) shown+=" $argument" ;;
        *) shown+=" '$argument'" ;;
        esac
    done
    printf '   $ %s %s\n' "$shown" "'$base$target'"
    local options=(-X "$method")
    if [ "$method" = HEAD ]; then options=(--head); fi
    local numbers
    : >"$work/body"
    numbers="$(curl --silent --show-error --max-time 20 "${options[@]}" "$@" --dump-header "$work/head" \
        --output "$work/body" --write-out '%{http_code} %{time_total}' "$base$target")"
    status="${numbers% *}"
    milliseconds="$(LC_ALL=C awk -v t="${numbers#* }" 'BEGIN { printf "%.1f", t * 1000 }')"
    tr -d '\r' <"$work/head" >"$work/fields"
    printf '     %s' "$(head -n 1 "$work/fields")"
    printf '   (%s ms)\n' "$milliseconds"
    grep -iE '^(cache-status|etag|content-language|content-encoding|content-type|location|bulk-affected|bulk-errors):' "$work/fields" | sed 's/^/     /' || true
}

field() { sed -n "s/^$1: //Ip" "$work/fields"; }
body() { cat "$work/body"; }
show_body() { printf '     %s\n' "$(cut -c1-"${1:-150}" "$work/body" | head -n "${2:-1}")"; }

# expect WHAT ACTUAL WANTED
expect() {
    if [ "$2" = "$3" ]; then
        printf '     ok: %s\n' "$1"
    else
        printf '     FAILED: %s: expected %s, not %s\n' "$1" "'$3'" "'$2'"
        failures=$((failures + 1))
    fi
}

expect_contains() {
    if [[ "$2" == *"$3"* ]]; then
        printf '     ok: %s\n' "$1"
    else
        printf '     FAILED: %s: expected %s in %s\n' "$1" "'$3'" "'$2'"
        failures=$((failures + 1))
    fi
}

# queries TABLE: prints the number of queries of a table since the start.
queries() { curl --silent --max-time 20 "$base/stats" | grep -o "\"$1\" *: *[0-9]*" | grep -o '[0-9]*$' || echo 0; }

# end_steps: prints a summary, and exits with 1 if a check failed.
end_steps() {
    echo
    if [ "$failures" -gt 0 ]; then
        echo "$failures checks failed."
        exit 1
    fi
    echo "All $step steps succeeded."
}
