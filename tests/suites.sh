# The suites of ./dev test; sourced by it. Each runs with its output in a log of its own and says how many tests passed,
# failed and were skipped; the sums make the closing line.

build_dir=build-asan
logs=$root/$build_dir/test-logs
python=/usr/bin/python3 # the distribution's own: its pytest is the one that is installed
all_suites=(format man clang unit walkthrough story az sdk-python sdk-js sdk-go)

# What the suite that is running has seen.
passed=0 failed=0 skipped=0

# At -O1: with sanitizers, gcc's warnings that depend on optimization see what is not there. With static runtimes: of two
# shared ones, UndefinedBehaviorSanitizer's does not write where log_path says.
sanitized_build() {
	compile "$build_dir" gcc -Dwerror=true -Doptimization=1 -Db_sanitize=address,undefined -Db_lundef=false \
		-Dc_args=-fno-sanitize-recover=all "-Dc_link_args=-static-libasan -static-libubsan"
}

# What every program under test sees: sanitizers that end it and write where we look, and no trace of the user's own sandbox.
set_environment() {
	local variable reports=$logs/sanitizer/report
	for variable in ${!SANDVAULT_@}; do
		unset "$variable"
	done
	export SANDVAULT_BIN=$root/$build_dir
	export XDG_STATE_HOME=$root/$build_dir/test-home/state XDG_CACHE_HOME=$root/$build_dir/test-home/cache
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99:log_path=$reports
	export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:log_path=$reports
	export PYTHONDONTWRITEBYTECODE=1
}

# check NAME COMMAND …: a test that is one command.
check() {
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		say "FAILED: $what"
	fi
}

# A real client that is not to be had here: on CI that is a failure, elsewhere a skipped test.
cannot_install() {
	say "cannot install $1"
	if [[ ${CI:-} == true ]]; then failed=1; else skipped=1; fi
}

# A runner that failed counts, even when it did not come to count.
heed_status() {
	(($1 == 0 || failed > 0)) || failed=1
}

sources() {
	find common policy vaultd identityd sandvault tests -name node_modules -prune -o -name .venv -prune -o \
		-name '*.[ch]' -print
}

formatted() {
	local said
	said=$(clang-format-14 --dry-run -Werror "$@" 2>&1) && return 0
	say "$said"
	say "Not as .clang-format has it (clang-format-14 -i FILE …):"
	sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error: .*/  \1/p' <<<"$said" | sort -u
	return 1
}

suite_format() {
	local files
	mapfile -t files < <(sources)
	check "formatting" formatted "${files[@]}"
}

suite_man() {
	local page
	for page in {vaultd,identityd,sandvault}/*.[1-8]; do
		[[ ! -f $page ]] || check "$page" mandoc -T lint -W warning "$page"
	done
}

suite_clang() {
	check "a build by clang without a warning" compile build-clang clang-14 -Dwerror=true
}

# Sums up cmocka's own counts; a test without them, or one that ended otherwise, counts as one.
suite_unit() {
	local status=0
	meson test -C "$build_dir" --no-rebuild --suite unit --print-errorlogs || status=$?
	read -r passed failed skipped < <(jq -rs '
		def count($word): [scan("\\[ +" + $word + " +\\] ([0-9]+) test")[0] | tonumber] | add // 0;
		map(((.stdout // "") + (.stderr // "")) as $said
			| {p: ($said | count("PASSED")), f: ($said | count("FAILED")), s: ($said | count("SKIPPED"))}
			+ (if .result == "OK" then {} else {bad: 1} end)
			| if .bad == 1 and .f == 0 then .f = 1 else . end
			| if .p + .f + .s == 0 then .p = 1 else . end)
		| "\(map(.p) | add // 0) \(map(.f) | add // 0) \(map(.s) | add // 0)"' \
		"$build_dir/meson-logs/testlog.json")
	heed_status "$status"
}

walkthrough_once() (
	sandbox "$build_dir" --ephemeral && docs/walkthrough.sh "$endpoints" || exit 1
	# It ends as it should, too: a leak shows in its status.
	kill -TERM "$sandbox_pid"
	wait "$sandbox_pid"
	status=$?
	sandbox_pid=
	exit "$status"
)

suite_walkthrough() {
	check "the walk-through" walkthrough_once
}

# run_pytest PYTHON NAME ARGUMENT …
run_pytest() {
	local python=$1 results=$logs/$2.xml status=0
	shift 2
	rm -f "$results"
	timeout --kill-after=30 15m "$python" -m pytest -q -p no:cacheprovider --junitxml="$results" "$@" || status=$?
	[[ ! -f $results ]] || read -r passed failed skipped < <("$python" - "$results" <<-'END'
		import sys, xml.etree.ElementTree as tree
		rows = [[int(s.get(k)) for k in ("tests", "failures", "errors", "skipped")]
		        for s in tree.parse(sys.argv[1]).iter("testsuite")]
		tests, failures, errors, skipped = (sum(c) for c in zip(*rows))
		print(tests - failures - errors - skipped, failures + errors, skipped)
		END
	)
	heed_status "$status"
}

suite_story() {
	run_pytest "$python" story -n 2 tests/story
}

# installed DIRECTORY LIST COMMAND …: runs the command once for each content of the list.
installed() {
	local stamp=$1/installed-from list=$2
	shift 2
	cmp -s "$list" "$stamp" && return 0
	"$@" && cp "$list" "$stamp"
}

make_venv() {
	rm -rf tests/.venv
	"$python" -m venv tests/.venv && tests/.venv/bin/python -m pip install -q -r tests/sdk/requirements.txt
}

suite_sdk-python() {
	installed tests/.venv tests/sdk/requirements.txt make_venv || {
		cannot_install "the Python SDK"
		return
	}
	run_pytest tests/.venv/bin/python sdk-python tests/sdk/python
}

make_az_venv() {
	rm -rf tests/az/.venv
	"$python" -m venv tests/az/.venv && tests/az/.venv/bin/python -m pip install -q -r tests/az/requirements.txt
}

# Debian 12's own az takes a minute and 700 MB: it is installed on CI, and takes part elsewhere when it is there.
debian_az() {
	[[ ${CI:-} != true || $(. /etc/os-release && say "${ID:-} ${VERSION_ID:-}") != "debian 12" ]] || (need az)
}

suite_az() {
	{
		installed tests/az/.venv tests/az/requirements.txt make_az_venv && debian_az
	} || {
		cannot_install "az"
		return
	}
	run_pytest "$python" az -n 2 tests/az
}

npm_install() {
	PATH=$root/tests/.venv/bin:$PATH npm ci --prefix tests/sdk/js --no-audit --no-fund
}

# node_total WORD: a number of the summary that Node's test runner ends with.
node_total() {
	awk -v word="$1" 'NF == 3 && $2 == word { n = $3 } END { print n + 0 }' "$logs/sdk-js.out"
}

# Node itself comes with the tests' Python packages: the distributions' own is older than the SDKs take.
suite_sdk-js() {
	local status=0
	{
		installed tests/.venv tests/sdk/requirements.txt make_venv &&
			installed tests/sdk/js/node_modules tests/sdk/js/package-lock.json npm_install
	} || {
		cannot_install "the JavaScript SDK"
		return
	}
	PATH=$root/tests/.venv/bin:$PATH timeout --kill-after=30 15m npm test --prefix tests/sdk/js 2>&1 |
		tee "$logs/sdk-js.out"
	status=${PIPESTATUS[0]}
	passed=$(node_total pass)
	failed=$(($(node_total fail) + $(node_total cancelled)))
	skipped=$(($(node_total skipped) + $(node_total todo)))
	heed_status "$status"
}

# A further client, for machines that have its compiler: no distribution that we build on brings one new enough.
suite_sdk-go() {
	local status=0 wanted
	wanted=$(awk '$1 == "go" { print $2 }' tests/sdk/go/go.mod)
	if ! command -v go >/dev/null || [[ $(printf '%s\n' "$wanted" "$(go env GOVERSION | tr -d go)" | sort -V | head -n 1) != "$wanted" ]]; then
		say "There is no Go $wanted or later on this machine."
		skipped=1
		return
	fi
	(cd tests/sdk/go && timeout --kill-after=30 10m go test -count=1 -v ./...) 2>&1 |
		tee "$logs/sdk-go.out"
	status=${PIPESTATUS[0]}
	passed=$(grep -cE '^ *--- PASS' "$logs/sdk-go.out" || true)
	failed=$(grep -cE '^ *--- FAIL' "$logs/sdk-go.out" || true)
	skipped=$(grep -cE '^ *--- SKIP' "$logs/sdk-go.out" || true)
	heed_status "$status"
}

# Whether the suite's folder has tests.
has_tests() {
	case $1 in
	story) compgen -G 'tests/story/test_*.py' ;;
	az) compgen -G 'tests/az/test_*.py' ;;
	sdk-python) compgen -G 'tests/sdk/python/test_*.py' ;;
	sdk-js) compgen -G 'tests/sdk/js/*.test.mjs' ;;
	sdk-go) compgen -G 'tests/sdk/go/*_test.go' ;;
	*) true ;;
	esac >/dev/null
}

# Each report that a sanitizer left is a failure of the suite that was running.
collect_reports() {
	local report kept=$logs/sanitizer-$1
	for report in "$logs"/sanitizer/report*; do
		[[ -f $report ]] || continue
		failed=$((failed + 1))
		mkdir -p "$kept"
		mv "$report" "$kept/"
		say "A sanitizer's report, $kept/${report##*/}:"
		head -n 60 "$kept/${report##*/}"
	done
}

total_passed=0 total_failed=0 total_skipped=0

add_up() {
	total_passed=$((total_passed + passed))
	total_failed=$((total_failed + failed))
	total_skipped=$((total_skipped + skipped))
}

# Counts as the closing line has them.
counts() {
	printf '%d passed, %d failed' "$1" "$2"
	(($3 == 0)) || printf ', %d skipped' "$3"
}

# `close` ends the run: exit status 1 when a test failed or none ran.
close() {
	printf '\n'
	counts "$total_passed" "$total_failed" "$total_skipped"
	printf '\n'
	((total_failed == 0 && total_passed > 0)) || exit 1
	exit 0
}

run_suite() {
	local name=$1 log=$logs/$1.log start=$SECONDS
	passed=0 failed=0 skipped=0
	if ! has_tests "$name"; then
		printf '%-12s there are no such tests\n' "$name"
		return
	fi
	"suite_$name" >"$log" 2>&1 </dev/null || true
	collect_reports "$name" >>"$log"
	if ((passed + failed + skipped == 0)); then
		say "This suite ran nothing." >>"$log"
		failed=1
	fi
	printf '%-12s %s  (%d s)\n' "$name" "$(counts "$passed" "$failed" "$skipped")" $((SECONDS - start))
	if ((failed > 0)); then
		printf '\nThe end of %s:\n' "$log"
		tail -n 120 "$log"
		printf '\n'
	fi
	add_up
}

# The suites named, in our order; "sdk" names both.
chosen_suites() {
	local name
	for name in "$@"; do
		[[ $name == sdk || " ${all_suites[*]} " == *" $name "* ]] ||
			die "there is no suite \"$name\": they are ${all_suites[*]}, and sdk for the last three"
	done
	for name in "${all_suites[@]}"; do
		(($# > 0)) && [[ " $* " != *" $name "* && " $* " != *" ${name%%-*} "* ]] || say "$name"
	done
}

run_suites() {
	local name suites
	suites=$(chosen_suites "$@") || exit 1
	set +e
	say "Building with sanitizers"
	if ! sanitized_build; then
		failed=1
		add_up
		close
	fi
	rm -rf "$logs"
	mkdir -p "$logs/sanitizer"
	set_environment
	for name in $suites; do
		run_suite "$name"
	done
	close
}
