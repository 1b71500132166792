# shellcheck shell=bash
# Starts a PostgreSQL server in a temporary folder on a free loopback port. Source it with `work` set to a temporary folder.
# `start_postgres` creates and starts the server and sets `postgres_url`; `restart_postgres` crashes it and starts it again on
# the same port; `stop_postgres` ends it.

postgres_url=""
postgres_port=""
postgres_folder=""

# The programs of the server, which Debian keeps out of PATH.
postgres_programs="$(find /usr/lib/postgresql/*/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)"
if [ -n "$postgres_programs" ]; then PATH="$postgres_programs:$PATH"; fi

# as_postgres COMMAND...: PostgreSQL does not run as root. Its user may not be able to enter the current folder.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        env --chdir=/ setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}

run_postgres() {
    as_postgres pg_ctl start --silent --wait --timeout 30 -D "$postgres_folder/data" -l "$postgres_folder/log" \
        -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_folder" >/dev/null
}

start_postgres() {
    for program in initdb pg_ctl; do
        if ! command -v "$program" >/dev/null; then
            echo "$program is missing; Scripts/install-system-packages.sh postgresql installs it" >&2
            exit 1
        fi
    done
    # Not in `work`, which other users cannot read.
    postgres_folder="$(mktemp -d /tmp/postgres-XXXXXX)"
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$postgres_folder"; fi
    as_postgres initdb -D "$postgres_folder/data" -U cities --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
        >/dev/null
    for _ in $(seq 20); do
        # Below the ephemeral ports.
        postgres_port=$((20000 + RANDOM % 10000))
        if run_postgres; then
            postgres_url="postgres://cities@127.0.0.1:$postgres_port/postgres"
            echo "PostgreSQL is running at 127.0.0.1:$postgres_port"
            return
        fi
    done
    echo "PostgreSQL did not start:" >&2
    tail -n 5 "$postgres_folder/log" >&2
    exit 1
}

# restart_postgres: ends the server without a checkpoint, as a crash does, and starts it again.
restart_postgres() {
    as_postgres pg_ctl stop --silent --mode immediate -D "$postgres_folder/data" >/dev/null
    run_postgres
}

stop_postgres() {
    if [ -z "$postgres_folder" ]; then return; fi
    as_postgres pg_ctl stop --silent --mode immediate -D "$postgres_folder/data" >/dev/null 2>&1 || true
    rm -rf "$postgres_folder"
}
