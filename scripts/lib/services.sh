# shellcheck shell=bash
# Finds PostgreSQL and Redis, or starts some in a directory of their own. Sourced by scripts/test.

services_dir="" own_postgres="" own_redis=""

# An address that the environment gave, a server that runs here, one of our own, or one that we first install.
need_postgres() {
    [ -n "${TEST_DATABASE_URL:-}" ] || local_postgres || start_postgres \
        || { apt_install postgresql postgresql-client && start_postgres; } || return 1
    export TEST_DATABASE_URL
}

need_redis() {
    [ -n "${TEST_REDIS_URL:-}" ] || local_redis || start_redis \
        || { apt_install redis-server && start_redis; } || return 1
    export TEST_REDIS_URL
}

# A server on the usual port that lets us in without a password, as a role that may create databases.
local_postgres() {
    have psql && open_port 5432 || return 1
    local role database may='SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)'
    for role in test postgres root; do
        for database in test postgres; do
            if [ "$(PGCONNECT_TIMEOUT=5 psql -wXAtq -h 127.0.0.1 -U "$role" -d "$database" -c "$may" 2> /dev/null)" = 1 ]; then
                TEST_DATABASE_URL="postgres://$role@127.0.0.1:5432/$database"
                return
            fi
        done
    done
    return 1
}

# What it writes is thrown away, so it need not wait for the disk.
start_postgres() {
    local bin port attempt options
    bin=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || bin=$(dirname "$(command -v initdb)" 2> /dev/null)
    [ -x "$bin/initdb" ] || return 1
    new_services_dir && mkdir "$services_dir/postgres" && chown "$(service_user)" "$services_dir/postgres" || return 1
    as_service_user "$bin/initdb" -D "$services_dir/postgres/data" -U test -A trust -E UTF8 --locale=C -N > /dev/null || return 1
    for attempt in 1 2 3 4 5; do
        port=$(random_port)
        options="-c listen_addresses=127.0.0.1 -p $port -k $services_dir/postgres -c fsync=off -c max_connections=300"
        if as_service_user "$bin/pg_ctl" -w -t 30 -s -D "$services_dir/postgres/data" \
            -l "$services_dir/postgres/log" -o "$options" start; then
            own_postgres="$bin/pg_ctl"
            TEST_DATABASE_URL="postgres://test@127.0.0.1:$port/postgres"
            return
        fi
    done
    return 1
}

local_redis() {
    open_port 6379 && redis_answers 6379 && TEST_REDIS_URL="redis://127.0.0.1:6379"
}

start_redis() {
    have redis-server && new_services_dir || return 1
    local port attempt
    for attempt in 1 2 3 4 5; do
        port=$(random_port)
        redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$services_dir" \
            > "$services_dir/redis.log" 2>&1 &
        own_redis=$!
        if eventually redis_answers "$port"; then
            TEST_REDIS_URL="redis://127.0.0.1:$port"
            return
        fi
        kill "$own_redis" 2> /dev/null
        own_redis=""
    done
    return 1
}

stop_services() {
    [ -z "$own_postgres" ] || as_service_user "$own_postgres" -s -D "$services_dir/postgres/data" -m immediate stop
    [ -z "$own_redis" ] || { kill "$own_redis" && wait "$own_redis"; } 2> /dev/null
    [ -z "$services_dir" ] || rm -rf "$services_dir"
}

new_services_dir() {
    [ -n "$services_dir" ] && return
    services_dir=$(mktemp -d) && chmod 755 "$services_dir"
}

# PostgreSQL refuses to run as root.
service_user() {
    if [ "$(id -u)" != 0 ]; then id -un; elif id postgres > /dev/null 2>&1; then echo postgres; else echo nobody; fi
}

as_service_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; else (cd / && setpriv --reuid "$(service_user)" --regid "$(id -g "$(service_user)")" --clear-groups "$@"); fi
}

# Below the range from which the kernel gives ports to outgoing connections.
random_port() { echo $((20000 + RANDOM % 12000)); }

open_port() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

redis_answers() {
    local answer
    answer=$( (exec 3<> "/dev/tcp/127.0.0.1/$1" && printf 'PING\r\n' >&3 && read -r -t 2 line <&3 && echo "$line") 2> /dev/null)
    [ "${answer%$'\r'}" = "+PONG" ]
}

eventually() {
    local attempt
    for attempt in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    return 1
}
