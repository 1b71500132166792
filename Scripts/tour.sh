#!/usr/bin/env bash
# Starts the Cities example on a free loopback port and demonstrates the cache with curl. Every step checks its results;
# the script exits with 0 if all checks succeed. With --keep-running the server runs until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

keep_running=0
if [ "${1:-}" = "--keep-running" ]; then keep_running=1; fi

work="$(mktemp -d)"
source Scripts/cities-server.sh
source Scripts/tour-steps.sh
cleanup() {
    stop_cities
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# In production, read it from your secret storage.
secret="cities-tour-secret"
# shellcheck disable=SC2034 # start_cities reads it
cities_options=(--administration-secret "$secret")
start_cities

# --- the tour

list='/cities?country=DE&min_population=100000&page_size=3'

title "The first request runs the handler and stores the response"
request GET "$list"
expect "status" "$status" 200
expect "cache" "$(field Cache-Status)" "ResponseCache; fwd=uri-miss; stored"
show_body
tag="$(field ETag)"
first_time="$milliseconds"
before="$(runs CityListView.get)"

title "The second request is a hit and runs neither handler nor query"
request GET "$list"
expect "cache" "$(field Cache-Status)" "ResponseCache; hit"
expect "the handler did not run" "$(runs CityListView.get)" "$before"
printf '     first %s ms, second %s ms\n' "$first_time" "$milliseconds"

title "HEAD uses the response that GET stored"
request HEAD "$list"
expect "cache" "$(field Cache-Status)" "ResponseCache; hit"

title "A client with the current response gets a 304 without a body"
request GET "$list" -H "If-None-Match: $tag"
expect "status" "$status" 304
expect "bytes of body" "$(wc -c <"$work/body" | tr -d ' ')" 0

title "One city"
request GET /cities/2950159
expect "status" "$status" 200
show_body
city_tag="$(field ETag)"

title "An update with another tag is refused, so that no change is lost"
request PATCH /cities/2950159 -H 'If-Match: "0123456789abcdef"' -H 'Content-Type: application/json' \
    -d '{"population": 1}'
expect "status" "$status" 412

title "An update with the current tag succeeds and returns the new tag"
request PATCH /cities/2950159 -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 3755251}'
expect "status" "$status" 200
new_tag="$(field ETag)"
if [ -n "$new_tag" ] && [ "$new_tag" != "$city_tag" ]; then
    expect "a new tag" yes yes
else
    expect "a new tag" "$new_tag" "a tag other than $city_tag"
fi
request GET /cities/2950159
expect "GET returns the same tag" "$(field ETag)" "$new_tag"
expect_contains "GET returns the new value" "$(body)" 3755251

title "Repeating the update with the old tag is refused"
request PATCH /cities/2950159 -H "If-Match: $city_tag" -H 'Content-Type: application/json' -d '{"population": 7}'
expect "status" "$status" 412

title "The list is regenerated under a new key"
request GET "$list" -H "If-None-Match: $tag"
expect "status" "$status" 200
expect "cache" "$(field Cache-Status)" "ResponseCache; fwd=uri-miss; stored"
expect_contains "the list has the new value" "$(body)" 3755251

title "A client that accepts gzip gets a variant with its own tag, compressed once"
request GET "/cities?country=DE"
plain_size="$(wc -c <"$work/body")"
plain_tag="$(field ETag)"
request GET "/cities?country=DE" -H 'Accept-Encoding: gzip'
expect "coding" "$(field Content-Encoding)" gzip
expect "tag" "$(field ETag)" "${plain_tag%\"};gzip\""
printf '     %d bytes instead of %d\n' "$(wc -c <"$work/body")" "$plain_size"
request GET "/cities?country=DE" -H 'Accept-Encoding: gzip' -H "If-None-Match: $(field ETag)"
expect "status" "$status" 304
expect "the tag of the client's variant" "$(field ETag)" "${plain_tag%\"};gzip\""

title "An asterisk matches any existing representation"
request PATCH /cities/99999999 -H 'If-Match: *' -d '{"population": 1}'
expect "no city to match" "$status" 412
request PUT /cities/2950159 -H 'If-None-Match: *' -d '{"population": 1}'
expect "a city exists" "$status" 412

title "Each language has its own key, and keys can be explained"
for language in en de; do
    request GET /countries -H "Accept-Language: $language" -H 'X-Explain-Key: true'
    show_body 300
    expect "the key is the MD5 of this JSON" "$(field X-Cache-Key)" "$(md5sum <"$work/body" | cut -d' ' -f1)"
    key="$(field X-Cache-Key)"
    request GET /countries -H "Accept-Language: $language"
    expect "and the entity tag is the key" "$(field ETag)" "\"$key\""
done
expect_contains "German names" "$(body)" Österreich

title "Each format has its own key, too"
request GET "$list&format=csv"
show_body 100 2
expect "format" "$(field Content-Type)" "text/csv; charset=utf-8"
expect "cache" "$(field Cache-Status)" "ResponseCache; fwd=uri-miss; stored"

title "Two users get their own responses"
request PUT /me/favourites/2950159 -H 'Authorization: Bearer alice-secret'
for user in alice bob alice; do
    request GET /me/favourites -H "Authorization: Bearer $user-secret"
    if [ "$user" = alice ]; then
        expect_contains "alice sees her city" "$(body)" Berlin
    else
        expect "bob does not" "$(grep -c Berlin "$work/body" || true)" 0
    fi
done
expect "alice's second request is a hit" "$(field Cache-Status)" "ResponseCache; hit"

title "The administration explains the key of a route and reports its hit ratio"
request GET '/countries'
request GET '/cache-administration/keys/CountryListView?target=/countries&language=en&format=json' -H "Authorization: Bearer $secret"
expect "status" "$status" 200
expect_contains "the entry under the key" "$(body)" '"body_bytes"'
show_body 300
request GET '/cache-administration/statistics' -H "Authorization: Bearer $secret"
expect_contains "the route has statistics" "$(body)" '"route": "CountryListView"'
show_body 300

title "Invalid input is refused with the name of the field"
request GET '/cities?page=x'
show_body
expect "status" "$status" 400
expect_contains "the field is named" "$(body)" '"page"'
request GET /cities/99999999
show_body
expect "status" "$status" 404

# --- the end

end_steps
if [ "$keep_running" -eq 1 ]; then
    echo "The server is running at $base until Ctrl-C. Try: curl -i '$base/cities?name=ber'"
    wait "$server"
fi
