# shellcheck shell=bash
# Steps and what became of them. Sourced by scripts/test.

passed=0 failed=0 skipped=0 report=""

# step NAME COMMAND...: runs it, says how long it took, and goes on whatever came out.
step() {
    local name=$1 started=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if "$@"; then
        passed=$((passed + 1))
        report+="passed   $name ($((SECONDS - started)) s)"$'\n'
    else
        failed=$((failed + 1))
        report+="FAILED   $name ($((SECONDS - started)) s)"$'\n'
    fi
}

# missing NAME WHY: could not run. A failure in CI, where nothing may be left out.
missing() {
    printf '\n=== %s: NOT RUN: %s\n' "$1" "$2"
    if [ "${CI:-}" = true ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
    report+="NOT RUN  $1: $2"$'\n'
}

# note NAME WHY: could not run, and cannot on any machine without an open network.
note() {
    printf '\n=== %s: NOT RUN: %s\n' "$1" "$2"
    skipped=$((skipped + 1))
    report+="NOT RUN  $1: $2"$'\n'
}

summary() {
    printf '\n=== summary\n%s' "$report"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}
