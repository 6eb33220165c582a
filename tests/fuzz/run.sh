#!/usr/bin/env bash
# run.sh BUILD_DIR SECONDS [TARGET …]: each libFuzzer target for a while, from its seeds. What it finds on the way is
# thrown away; an input that breaks it is kept in BUILD_DIR and ends in failure.
set -euo pipefail

(($# >= 2)) || {
	echo 'usage: run.sh BUILD_DIR SECONDS [TARGET …]' >&2
	exit 2
}
build=$1 seconds=$2
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
export TMPDIR=$corpus

status=0 n=0
for seeds in "$here"/seeds/*/; do
	name=$(basename "$seeds")
	(($# == 0)) || [[ " $* " == *" $name "* ]] || continue
	n=$((n + 1))
	echo "== $name, $seconds s"
	mkdir "$corpus/$name"
	"$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-verbosity=0 -artifact_prefix="$build/fuzz_$name-" "$corpus/$name" "$seeds" || {
		echo "$name: broken; the input is in $build" >&2
		status=1
	}
done
((n > 0)) || {
	echo 'there is no such fuzz target' >&2
	exit 2
}
exit "$status"
