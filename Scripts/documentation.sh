#!/usr/bin/env bash
# documentation.sh FOLDER MODULE...: builds one site with the documentation of the modules. The pages of a module may link to
# those of the modules before it. The last module has the guides, and is the first page. Warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

site="$1"
shift
first="${*: -1}"
work=.build/documentation
docc="$(command -v docc || echo "$(dirname "$(realpath "$(command -v swift)")")/docc")"

# With the flags of `make test`, see BUILD in the Makefile: what it has compiled is not compiled again.
export SWIFT_DETERMINISTIC_HASHING=1
graphs="$(dirname "$(swift build --show-bin-path)")/symbolgraph"
rm -rf "$graphs" "$work"
swift package --enable-all-traits dump-symbol-graph --emit-extension-block-symbols

dependencies=()
for module in "$@"; do
    echo "Documenting $module"
    mkdir -p "$work/graphs/$module"
    # A module has one graph of its own, and one for each module that it extends.
    for graph in "$graphs/$module.symbols.json" "$graphs/$module@"*.symbols.json; do
        if [ -e "$graph" ]; then cp "$graph" "$work/graphs/$module/"; fi
    done
    archive="$work/$module.doccarchive"
    "$docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$work/graphs/$module" \
        --output-path "$archive" --warnings-as-errors --enable-experimental-external-link-support \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" --fallback-default-module-kind Module \
        ${dependencies[@]+"${dependencies[@]}"}
    dependencies+=(--dependency "$archive")
done

# By name, in the sidebar and on the landing page, except for the first page.
export LC_ALL=C
others=()
for archive in "$work"/*.doccarchive; do
    if [ "$archive" != "$work/$first.doccarchive" ]; then others+=("$archive"); fi
done
rm -rf "$site"
"$docc" merge "$work/$first.doccarchive" "${others[@]}" --output-path "$site" \
    --synthesized-landing-page-name swift-response-cache --synthesized-landing-page-kind Package \
    --synthesized-landing-page-topics-style list
# docc sorts all modules of the landing page, at /documentation/, and has no page at /.
id='"doc:\\/\\/'"$first"'\\/documentation\\/'"$first"'"'
sed -e "s#,$id\\([],]\\)#\\1#" -e "s#\"identifiers\":\\[#&$id,#" "$site/data/documentation.json" >"$work/landing.json"
mv "$work/landing.json" "$site/data/documentation.json"
page="documentation/$(printf %s "$first" | tr '[:upper:]' '[:lower:]')/"
printf '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=%s"><a href="%s">%s</a>\n' \
    "$page" "$page" "$first" >"$site/index.html"

echo "The documentation is in $site. To read it, run
    python3 -m http.server -d $site 8000
and open http://localhost:8000/ (all modules: http://localhost:8000/documentation/)."
