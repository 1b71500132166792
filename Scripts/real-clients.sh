#!/usr/bin/env bash
# Starts the Cities example on a free loopback port and tests it with real HTTP clients: curl, wget, Python's
# CacheControl, Node's fetch and Chromium. Each stores, validates and updates responses with its own, independent
# code. Missing clients are skipped; with INSTALL_CLIENTS=1 apt-get installs them
# first. The script exits with 0 if no check failed.
set -euo pipefail
cd "$(dirname "$0")/.."

clients="Scripts/clients"
work="$(mktemp -d)"
source Scripts/cities-server.sh
child=""
cleanup() {
    if [ -n "$child" ]; then
        kill -TERM "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    stop_cities
    # A browser's helper processes may still write briefly after it has exited.
    rm -rf "$work" 2>/dev/null || { sleep 1 && rm -rf "$work"; }
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Files of the clients are removed with the rest, and no proxy is used.
export TMPDIR="$work"
export LC_ALL=C
export no_proxy="${no_proxy:+$no_proxy,}127.0.0.1"
export NO_PROXY="$no_proxy"

# bounded SECONDS COMMAND: runs it in the background, so that a signal ends the script immediately.
bounded() {
    local limit="$1" result=0
    shift
    timeout --kill-after=5 "$limit" "$@" &
    child=$!
    wait "$child" || result=$?
    child=""
    return "$result"
}

# --- missing clients

has() { command -v "$1" >/dev/null 2>&1; }
has_venv() { has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if has "$name"; then
            echo "$name"
            return
        fi
    done
}

install_clients() {
    local missing=() as_root=() package
    has curl || missing+=(curl)
    has wget || missing+=(wget)
    has python3 || missing+=(python3)
    has_venv || missing+=(python3-venv)
    has node || missing+=(nodejs)
    [ -n "$(browser)" ] || missing+=(chromium)
    if [ ${#missing[@]} -eq 0 ]; then return; fi
    if ! has apt-get; then
        echo "apt-get is not available; missing: ${missing[*]}"
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    echo "Installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    bounded 120 "${as_root[@]}" apt-get update -qq || true
    # One by one: an unavailable package skips only its own client.
    for package in "${missing[@]}"; do
        bounded 600 "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package" \
            >"$work/apt" 2>&1 || { echo "installing $package failed:" && tail -n 3 "$work/apt"; }
    done
}

if [ "${INSTALL_CLIENTS:-}" = 1 ]; then install_clients; fi

# Small chunks, so that an import can be cancelled.
# shellcheck disable=SC2034 # start_cities reads it
cities_options=(--chunk-items 50)
start_cities

# --- output and checks

ran=()
skipped=()
checks=0
failures=0

begin() {
    ran+=("$1")
    printf '\n%s: %s\n' "$1" "$2"
}

skip() {
    skipped+=("$1")
    printf '\n%s: skipped, %s\n' "$1" "$2"
}

failed() {
    printf '     FAILED: %s\n' "$1"
    failures=$((failures + 1))
}

# expect WHAT ACTUAL WANTED
expect() {
    checks=$((checks + 1))
    if [ "$2" = "$3" ]; then
        printf '     ok: %s\n' "$1"
    else
        failed "$1: expected '$3', not '$2'"
    fi
}

# expect_match WHAT ACTUAL PATTERN, a regular expression for all of it
expect_match() {
    checks=$((checks + 1))
    if [[ "$2" =~ ^$3$ ]]; then
        printf '     ok: %s\n' "$1"
    else
        failed "$1: expected $3, not '$2'"
    fi
}

# expect_same WHAT FILE FILE
expect_same() {
    checks=$((checks + 1))
    if [ -s "$2" ] && cmp -s "$2" "$3"; then
        printf '     ok: %s\n' "$1"
    else
        failed "$1: the files are not equal, or empty"
    fi
}

# report SECONDS COMMAND: runs a program that prints what happened as lines of a name and a value.
report() {
    local result=0
    bounded "$@" >"$work/facts" 2>"$work/errors" || result=$?
    expect "exit status" "$result" 0
    if [ "$result" -ne 0 ]; then tail -n 5 "$work/errors" | sed 's/^/     /'; fi
}

fact() { sed -n "s/^$1 //p" "$work/facts"; }

plain_tag='"[0-9a-f]{32}"'
gzip_tag='"[0-9a-f]{32};gzip"'

list='/cities?country_code=IT'
# A city whose response is large enough to be compressed.
city='/cities/3435910'

# --- curl

# get [curl options]: prints the status.
get() {
    curl --disable --silent --show-error --max-time 20 --dump-header "$work/head" --write-out '%{http_code}' "$@" \
        || true
}

field() { tr -d '\r' <"$work/head" | sed -n "s/^$1: //Ip"; }

# use_etag_files NAME TAG [curl options]: downloads twice, the second time with the saved tag.
use_etag_files() {
    local name="$1" tag="$2" status
    local file="$work/curl-$name.json" etag="$work/curl-$name.etag"
    shift 2
    status="$(get "$@" --etag-save "$etag" --output "$file" "$base$list")"
    expect "$name, status of the first" "$status" 200
    expect_match "$name, tag in the file" "$(cat "$etag")" "$tag"
    cp "$file" "$file.first"
    status="$(get "$@" --etag-compare "$etag" --etag-save "$etag" --output "$file" "$base$list")"
    expect "$name, status of the second" "$status" 304
    expect_match "$name, tag of the 304" "$(field ETag)" "$tag"
    expect_same "$name, the file is unchanged" "$file" "$file.first"
}

use_curl() {
    local status tag date wanted
    begin curl "$(cut -d' ' -f2 <<<"${curl_version%%$'\n'*}")"
    use_etag_files plain "$plain_tag"
    use_etag_files compressed "$gzip_tag" --compressed
    expect_same "both are the same, decoded" "$work/curl-plain.json" "$work/curl-compressed.json"

    status="$(get --compressed --output "$work/body" "$base$city")"
    tag="$(field ETag)"
    expect "a city, compressed" "$status $(field Content-Encoding)" "200 gzip"
    expect_match "its tag" "$tag" "$gzip_tag"
    for wanted in 200 412; do
        status="$(get --compressed --output "$work/body" -X PATCH -H "If-Match: $tag" \
            -H 'Content-Type: application/json' -d '{"population": 2000021}' "$base$city")"
        expect "an update with that tag, status $wanted" "$status" "$wanted"
    done

    status="$(get -H 'Accept-Encoding: identity;q=0' --output "$work/body" "$base$list")"
    expect "a client that accepts no coding" "$status" 406

    wait_for_date
    date="$(field Last-Modified)"
    status="$(get --time-cond "$date" --output "$work/unmodified" "$base$list")"
    expect "not modified since $date" "$status" 304
    status="$(get --time-cond 'Sat, 01 Jan 2000 00:00:00 GMT' --output "$work/modified" "$base$list")"
    expect "modified since 2000" "$status" 200
}

# A response has a date only when the resource can no longer change within the same second.
wait_for_date() {
    for _ in $(seq 50); do
        get --output "$work/body" "$base$list" >/dev/null
        if [ -n "$(field Last-Modified)" ]; then return; fi
        sleep 0.1
    done
}

curl_version="$(curl --version 2>/dev/null || true)"
if ! has curl; then
    skip curl "it is not installed"
elif [[ "$(curl --help all 2>/dev/null || true)" != *--etag-save* || "$curl_version" != *libz* ]]; then
    skip curl "it does not support --etag-save or gzip"
else
    use_curl
fi

# --- wget

download() {
    bounded 30 wget --no-config --no-hsts --no-proxy --tries=1 --timeout=20 --server-response \
        --directory-prefix="$work/wget" "$@" "$base$list" >"$work/wget.log" 2>&1 || true
}

wget_statuses() { sed -n 's|^ *HTTP/1.1 \([0-9]*\).*|\1|p' "$work/wget.log" | tr '\n' ' '; }

use_wget() {
    local file="$work/wget/cities?country_code=IT" date
    begin wget "$(cut -d' ' -f3 <<<"$wget_version")"
    # Wget validates by the date of its file, so the response must have a date.
    for _ in $(seq 50); do
        download --output-document="$work/body"
        if grep -q 'Last-Modified:' "$work/wget.log"; then break; fi
        sleep 0.1
    done

    download --timestamping
    expect "the first downloads" "$(wget_statuses)" "200 "
    date="$(sed -n 's/^ *Last-Modified: //p' "$work/wget.log")"
    expect "the file has the response's date" "$(TZ=UTC date -r "$file" '+%a, %d %b %Y %H:%M:%S GMT')" "$date"
    cp -p "$file" "$work/wget-first"

    download --timestamping
    expect "the second is not modified" "$(wget_statuses)" "304 "
    expect "wget reports it" "$(grep -c 'not modified on server' "$work/wget.log" || true)" 1
    expect_same "the file is unchanged" "$file" "$work/wget-first"
}

wget_version="$(wget --version 2>/dev/null | sed -n 1p || true)"
if ! has wget; then
    skip wget "it is not installed"
elif [[ "$wget_version" != "GNU Wget 1."* ]]; then
    skip wget "it is another program of that name"
else
    use_wget
fi

# --- CacheControl

use_cachecontrol() {
    begin CacheControl "$("$work/venv/bin/pip" --disable-pip-version-check list 2>/dev/null \
        | sed -nE 's/^CacheControl +//Ip')"
    report 60 "$work/venv/bin/python" "$clients/cachecontrol-session.py" "$base$city"
    expect "the first comes from the server" "$(fact first.wire) $(fact first.from_cache)" "200 False"
    expect "compressed" "$(fact first.coding)" gzip
    expect_match "its tag" "$(fact first.tag)" "$gzip_tag"
    expect "the second is validated" "$(fact second.wire) $(fact second.from_cache)" "304 True"
    expect "its bytes are equal" "$(fact second.equal)" True
    expect "an update with its tag" "$(fact update.status)" 200
    expect "a new response" "$(fact third.wire) $(fact third.from_cache)" "200 False"
    expect "with the new value" "$(fact third.population)" 2000001
    expect "an update with the old tag" "$(fact late_update.status)" 412
    expect "the new response is validated" "$(fact fourth.wire) $(fact fourth.from_cache)" "304 True"
    expect "another client's update" "$(fact other_update.status)" 200
    expect "a new response" "$(fact fifth.wire) $(fact fifth.from_cache)" "200 False"
    expect "with the other client's value" "$(fact fifth.population)" 2000003
}

if ! has_venv; then
    skip CacheControl "python3 with venv is not installed"
elif ! bounded 60 python3 -m venv "$work/venv" >"$work/venv.log" 2>&1; then
    skip CacheControl "creating a virtual environment failed: $(tail -n 1 "$work/venv.log")"
elif ! bounded 90 "$work/venv/bin/pip" --disable-pip-version-check --no-input install --quiet --no-cache-dir \
    --retries 1 --timeout 10 'requests==2.*' 'CacheControl==0.14.*' >"$work/pip.log" 2>&1; then
    skip CacheControl "installing it with pip failed: $(tail -n 1 "$work/pip.log")"
else
    use_cachecontrol
fi

# --- Node

use_node() {
    begin Node "$(node --version), fetch"
    report 60 node "$clients/node-fetch.mjs" "$base$city"
    expect "the first" "$(fact first.status) $(fact first.coding)" "200 gzip"
    expect_match "its tag" "$(fact first.tag)" "$gzip_tag"
    expect_match "its body is decoded" "$(fact first.population)" '[0-9]+'
    expect "the second is not modified" "$(fact second.status), $(fact second.length) bytes" "304, 0 bytes"
    expect "with the same tag" "$(fact second.tag)" "$(fact first.tag)"
    expect "an update with that tag" "$(fact update.status) $(fact update.population)" "200 2000011"
    expect "the same again" "$(fact late_update.status)" 412
    expect "the old tag is outdated" "$(fact third.status) $(fact third.population)" "200 2000011"
    expect "the new tag is that of the update" "$(fact third.tag)" "$(fact update.tag)"
}

if ! has node; then
    skip Node "it is not installed"
elif ! bounded 20 node -e 'process.exit(typeof fetch === "function" ? 0 : 1)'; then
    skip Node "$(node --version) has no fetch"
else
    use_node
fi

# --- Chromium

chromium="$(browser)"
page_list='/cities?country_code=IT&page_size=20'

# It can resolve no name and has no proxy, so its own background requests fail.
chromium_options=(--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile"
    --no-first-run --no-default-browser-check --no-proxy-server --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
    --disable-background-networking --disable-component-update --disable-default-apps --disable-extensions --disable-sync
    --disable-domain-reliability --disable-breakpad --disable-features=AsyncDns,DnsOverHttpsUpgrade)

# load NAME [FRAGMENT]: loads the page with the same profile; writes the document to NAME.html and the net log to NAME.json.
load() {
    local result=0
    HOME="$work/home" XDG_CONFIG_HOME="$work/home/config" XDG_CACHE_HOME="$work/home/cache" \
        bounded 40 "$chromium" "${chromium_options[@]}" \
        --virtual-time-budget=10000 --log-net-log="$work/$1.json" --dump-dom "$base/${2:-}" \
        >"$work/$1.html" 2>"$work/$1.log" || result=$?
    expect "$1 load, exit status" "$result" 0
    if [ "$result" -ne 0 ]; then tail -n 5 "$work/$1.log" | sed 's/^/     /'; fi
    expect "$1 load, the table has Rome" "$(grep -c '<td>Rome</td>' "$work/$1.html" || true)" 1
}

use_chromium() {
    local tag
    begin Chromium "$(grep -oE '[0-9]+(\.[0-9]+)+' "$work/chromium" | sed -n 1p)"
    mkdir -p "$work/home"
    load first
    report 20 python3 "$clients/net-log.py" "$work/first.json" "$page_list"
    expect "the list is fetched" "$(fact requests), $(fact if_none_match)" "1, none"
    expect "compressed" "$(fact status) $(fact coding)" "200 gzip"
    tag="$(fact tag)"
    expect_match "its tag" "$tag" "$gzip_tag"

    load second
    report 20 python3 "$clients/net-log.py" "$work/second.json" "$page_list"
    expect "the list is validated with that tag" "$(fact requests), $(fact if_none_match)" "1, $tag"
    expect "not modified, with the same tag" "$(fact status) $(fact tag)" "304 $tag"
    report 20 python3 "$clients/net-log.py" "$work/second.json" /
    expect "the page is not modified either" "$(fact requests), $(fact status)" "1, 304"

    # The page fetches the list twice, changes a city and fetches the list again. The newest row is the first.
    load demo '#demo'
    python3 "$clients/table-rows.py" "$work/demo.html" responses >"$work/rows"
    expect "the requests" "$(cut -d'|' -f1 "$work/rows" | sed 's/[?/].*//' | paste -sd, -)" \
        "GET ,PATCH ,GET ,GET ,GET ,GET "
    expect "a list from the cache, without a query" "$(sed -n 5p "$work/rows" | cut -d'|' -f3,6)" \
        "ResponseCache; hit|0"
    expect "the change" "$(sed -n 2p "$work/rows" | cut -d'|' -f2)" 200
    expect "the list is read again" "$(sed -n 1p "$work/rows" | cut -d'|' -f3,6)" \
        "ResponseCache; fwd=uri-miss; stored|1"
    tag="$(sed -n 1p "$work/rows" | cut -d'|' -f5)"
    expect_match "with a tag" "$tag" "$gzip_tag"
    expect "that is new" "$(grep -cF -- "$tag" "$work/rows")" 1
    use_operations_page
}

# The page uploads files, shows the progress, downloads failures and cancels.
use_operations_page() {
    mkdir -p "$work/page"
    HOME="$work/home" XDG_CONFIG_HOME="$work/home/config" XDG_CACHE_HOME="$work/home/cache" \
        report 80 python3 "$clients/operations-page.py" "$base/operations/" "$work/page" \
        Examples/Cities/Data/cities15000.csv "$chromium" "${chromium_options[@]}"
    expect "the page of operations" "$(fact title)" Operations
    expect "a chosen file" "$(fact first.state), $(fact first.percentage)" "Completed, 100 %"
    expect "its counts" "$(fact first.counts)" "Created=997,Failed=3"
    expect "its failures" "$(fact first.failures), $(fact first.failure)" \
        "3, 2|population|A valid integer is required."
    expect "the download of the failures" "$(fact download.rows)" 3
    expect "the mended file, dropped" "$(fact mended.name), $(fact mended.state), $(fact mended.counts)" \
        "mended.csv, Completed, Created=3"
    expect_match "the progress of a large file" "$(fact large.detail)" 'N of N rows.*'
    expect "it is cancelled" "$(fact large.state)" Cancelled
    expect "the list of operations" "$(fact list)" 3
    expect "a user who is no editor" "$(fact refused)" "You do not have permission to perform this action."
    expect "violations of the page's policy, and errors" "$(fact problems)" 0
}

if [ -z "$chromium" ]; then
    skip Chromium "it is not installed"
elif ! has python3; then
    skip Chromium "reading its net log requires python3, which is not installed"
elif ! HOME="$work" bounded 20 "$chromium" --version >"$work/chromium" 2>/dev/null; then
    skip Chromium "$chromium is installed but does not start"
else
    use_chromium
fi

# --- the end

echo
echo "Ran: ${ran[*]:-none}. Skipped: ${skipped[*]:-none}."
if [ "$failures" -gt 0 ]; then
    echo "$failures of $checks checks failed."
    exit 1
fi
if [ "$checks" -eq 0 ]; then
    echo "Nothing was checked."
    exit 1
fi
echo "All $checks checks succeeded."
