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

list='/cities?country_code=DE&population__gte=100000&page_size=3'

title "The first request queries the database and stores the response"
request GET "$list"
expect "status" "$status" 200
expect "cache" "$(field Cache-Status)" "ResponseCache; fwd=uri-miss; stored"
show_body
tag="$(field ETag)"
first_time="$milliseconds"
before="$(queries cities)"

title "The second request is a hit and runs no query"
request GET "$list"
expect "cache" "$(field Cache-Status)" "ResponseCache; hit"
expect "no query" "$(queries cities)" "$before"
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

title "A client that accepts gzip gets a variant with its own tag"
request GET "/cities?country_code=DE"
plain_size="$(wc -c <"$work/body")"
plain_tag="$(field ETag)"
request GET "/cities?country_code=DE" -H 'Accept-Encoding: gzip'
expect "coding" "$(field Content-Encoding)" gzip
expect "tag" "$(field ETag)" "${plain_tag%\"};gzip\""
printf '     %d bytes instead of %d\n' "$(wc -c <"$work/body")" "$plain_size"
request GET "/cities?country_code=DE" -H 'Accept-Encoding: gzip' -H "If-None-Match: $(field ETag)"
expect "status" "$status" 304
expect "the tag of the client's variant" "$(field ETag)" "${plain_tag%\"};gzip\""

title "A partial update writes the submitted column only"
printf '   $ curl %s\n' "'$base/stats'"
statement="$(curl --silent --max-time 20 "$base/stats" | grep -o 'UPDATE .* WHERE' | sed 's/\\"/"/g')"
printf '     %s\n' "$statement"
if [ "${DATABASE:-sqlite}" = postgres ]; then
    # A statement for any number of rows, without its values.
    expect_contains "the written columns" "$statement" 'SET "population" ='
    expect "no other column" "$(grep -c '"name" =' <<<"$statement" || true)" 0
else
    expect_contains "the written columns" "$statement" 'SET "population" = 3755251, "version" ='
fi

title "An asterisk matches any existing representation"
request PATCH /cities/99999999 -H 'If-Match: *' -H 'Content-Type: application/json' -d '{"population": 1}'
expect "no city to match" "$status" 404
request PUT /cities/2950159 -H 'If-None-Match: *' -d '{"population": 1}'
expect "a city exists" "$status" 412

title "Each language has its own key, and the entity tag is the key"
for language in en de; do
    request GET /countries/AT -H "Accept-Language: $language"
    show_body 300
    expect "language" "$(field Content-Language)" "$language"
    tag="$(field ETag)"
    request GET "/cache-administration/keys/countries-detail?target=/countries/AT&language=$language&format=json" \
        -H "Authorization: Bearer $secret"
    show_body 2000 60
    expect_contains "the explained key" "$(body)" "\"key\": $tag"
    expect_contains "the entry under the key" "$(body)" '"body_bytes"'
done
request GET /countries/AT -H "Accept-Language: de"
expect_contains "German names" "$(body)" Österreich

title "Each format has its own key, too"
request GET "$list&format=csv"
show_body 100 2
expect "format" "$(field Content-Type)" "text/csv; charset=utf-8"
expect "cache" "$(field Cache-Status)" "ResponseCache; fwd=uri-miss; stored"

title "The cities of a country are a nested list, in pages with a cursor"
request GET '/countries/AT/cities?page_size=2'
expect_contains "the largest" "$(body)" Vienna
show_body 200
next="$(body | sed 's/.*"next":"\([^"]*\)".*/\1/')"
request GET "$next"
expect_contains "the next page" "$(body)" Linz
show_body 200
request GET /countries/QQ/cities
expect "a country that does not exist" "$status" 404

title "Two users get their own responses"
request POST /users/alice/favourites -H 'Authorization: Bearer alice-secret' -H 'Content-Type: application/json' \
    -d '{"city_id": 2950159}'
expect "status" "$status" 201
for user in alice bob alice; do
    request GET "/users/$user/favourites" -H "Authorization: Bearer $user-secret"
    if [ "$user" = alice ]; then
        expect_contains "alice sees her city" "$(body)" Berlin
    else
        expect "bob does not" "$(grep -c Berlin "$work/body" || true)" 0
    fi
done
expect "alice's second request is a hit" "$(field Cache-Status)" "ResponseCache; hit"

title "Rows of others are hidden, and forbidden actions are refused"
request GET /users/alice/favourites -H 'Authorization: Bearer bob-secret'
show_body
expect "bob does not see that alice exists" "$status" 404
request DELETE /cities/2950159 -H 'Authorization: Bearer bob-secret'
show_body
expect "bob is no editor" "$status" 403
request DELETE /cities/2950159
expect "without a user" "$status" 401

title "A file is imported with one request; each row adds a city, or updates the one with its identifier"
cat >"$work/cities.csv" <<'CSV'
id,name,country_code,admin1_code,population,latitude,longitude,timezone
9000001,Newtown,AD,02,1200,42.51,1.52,Europe/Andorra
9000002,Oldtown,AD,02,many,42.52,1.53,Europe/Andorra
2950159,Berlin,DE,16,3755251,52.52437,13.41053,Europe/Berlin
CSV
request PATCH '/cities/operations?unique_fields=id' -H 'Authorization: Bearer alice-secret' -H 'Content-Type: text/csv' \
    -H 'Prefer: wait=10' --data-binary "@$work/cities.csv"
show_body 400
expect "rows failed, others did not" "$status" 207
expect_contains "a new city" "$(body)" '"created_count":1'
expect_contains "a city that had all values" "$(body)" '"unchanged_count":1'
operation="$(sed 's/.*"task_id":"\([^"]*\)".*/\1/' "$work/body")"
request GET "/cities?country_code=AD&name=Newtown"
expect_contains "lists have the new city" "$(body)" 1200

title "The rows that failed come back as a file, which can be mended and sent again"
request GET "/operations/$operation/results" -H 'Authorization: Bearer alice-secret' -H 'Accept: text/csv'
show_body 150 2
expect_contains "the line, the field and the reason" "$(body)" '3,population,A valid integer is required.,9000002,Oldtown'

title "One statement writes all rows that filters select, if the request says that it means them all"
request DELETE '/cities?country_code=AD&population__lt=2000' -H 'Authorization: Bearer alice-secret'
show_body
expect "without X-BULK-OPERATION" "$status" 400
request DELETE '/cities?country_code=AD&population__lt=2000' -H 'Authorization: Bearer alice-secret' -H 'X-BULK-OPERATION: true'
expect "status" "$status" 204
expect "deleted rows" "$(field Bulk-Affected)" 1

title "The administration reports the hit ratio of each route"
request GET '/cache-administration/statistics' -H "Authorization: Bearer $secret"
expect_contains "the route has statistics" "$(body)" '"route": "countries-detail"'
show_body 2000 200

title "The API is described as OpenAPI 3.1"
request GET /openapi.json
expect "status" "$status" 200
expect_contains "nested lists" "$(body)" '/countries/{id}/cities'

title "Invalid input is refused with the name of the field"
request GET '/cities?page_size=x'
show_body
expect "status" "$status" 400
expect_contains "the field is named" "$(body)" '"page_size"'
request GET /cities/99999999
show_body
expect "status" "$status" 404

# --- the end

end_steps
if [ "$keep_running" -eq 1 ]; then
    echo "The server is running at $base until Ctrl-C. Try: curl -i '$base/cities?search=ber'"
    echo "The routes are at $base/, their documentation at $base/docs, imports at $base/operations/. Tokens of users: alice-secret and bob-secret."
    wait "$server"
fi
