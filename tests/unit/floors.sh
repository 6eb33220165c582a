#!/bin/sh
# The lower floors know nothing of what is above them: no event loop, store, TLS, JSON, clock or file in policy.
# Arguments: libpolicy.a libcommon_plain.a
set -eu
status=0
symbols() { nm --undefined-only "$1" | awk '/ U / { print $2 }' | sort -u; }
check() {
	bad=$(symbols "$1" | grep -E "$2" || true)
	if [ -n "$bad" ]; then
		echo "$(basename "$1") reaches for: $bad" >&2
		status=1
	fi
}
libraries='^(event_|evbuffer_|bufferevent_|evhttp_|mdb_|mbedtls_|json_)'
check "$1" "$libraries"
check "$1" '^(time|clock_gettime|gettimeofday|open|openat|fopen|getenv|rand|random|getrandom)$'
check "$2" "$libraries"
check "$2" '^(time|gettimeofday|open|openat|fopen|getenv|rand|random)$'
exit $status
