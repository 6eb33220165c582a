#!/usr/bin/env bash
# The life of a customer-managed key, as real requests to a running sandbox with their answers. Each command is shown as it
# is run: with the variables set before, it can be pasted into a shell. Every answer is checked; the first one that is not as
# it should be ends the script with status 1.
#
# Usage: walkthrough.sh ENDPOINTS.JSON [SUFFIX]
# SUFFIX makes the names of this run its own (the group and vault are called cmk-SUFFIX); default: random.
# Talks to loopback only, and writes to a temporary directory of its own.
set -euo pipefail

if (($# < 1)) || [[ ! -r $1 ]]; then
	printf 'walkthrough: say where the endpoints.json of a running sandbox is\n' >&2
	exit 2
fi
E=$(realpath "$1")
suffix=${2:-$(openssl rand -hex 4)}
file=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../LICENSE")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export NO_PROXY='*' no_proxy='*'
cd "$work"

bold= plain=
if [[ -t 1 ]]; then
	bold=$'\033[1m' plain=$'\033[0m'
fi
steps=0

step() {
	steps=$((steps + 1))
	printf '\n%s%d. %s%s\n' "$bold" "$steps" "$*" "$plain"
}

fail() {
	printf '\nwalkthrough: step %d failed: %s\n' "$steps" "$*" >&2
	exit 1
}

# What of the answers is shown; a step that looks at one thing of an answer seen before sets its own.
shows=.

# The last answer, with what is long and not for reading cut short, and small things on one line.
show_answer() {
	[[ -s answer ]] || return 0
	jq "$shows"' | walk(if type == "string" and test("^[A-Za-z0-9_.=-]{65,}$")
		then "\(.[0:24])… (\(length) characters)" else . end)' answer 2>/dev/null >shown || cp answer shown
	perl -0pe 's/[\[{]\n[^\[\]{}]{1,140}[\]}]/$& =~ s{\n\s+}{ }gr/ge' shown
}

# local_step COMMAND: something that needs no service.
local_step() {
	printf '\n$ %s\n' "$1"
	eval "$1" || fail "that command"
}

# ask STATUS 'curl …' [VARIABLE FILTER]: the variable gets what the jq filter finds in the answer.
ask() {
	local status shown=$2
	[[ $# -lt 4 ]] || shown="$3=\$($2 | jq -r $4)"
	printf '\n$ %s\n' "$shown"
	rm -f answer
	status=$(eval "$2"' -sS --max-time 60 -o answer -w "%{http_code}"') || fail "no answer"
	printf 'HTTP %s\n' "$status"
	show_answer
	[[ $status == "$1" ]] || fail "status $status instead of $1"
	[[ $# -ge 4 ]] || return 0
	printf -v "$3" '%s' "$(jq -r "$4 // empty" answer)"
	[[ -n ${!3} ]] || fail "the answer has no $4"
}

# expect WHAT ACTUAL EXPECTED
expect() {
	[[ $2 == "$3" ]] || fail "$1 is \"$2\" instead of \"$3\""
}

# expect_answer FILTER VALUE
expect_answer() {
	expect "$1" "$(jq -r "$1" answer)" "$2"
}

CA=$(jq -r .ca "$E")
arm=$(jq -r .arm "$E")
login=$(jq -r .login "$E")
imds=$(jq -r .imds "$E")
tenant=$(jq -r .tenant "$E")
vaults=$(jq -r .vault_suffix "$E")
name=cmk-$suffix
vault=https://$name.$vaults
group=$arm/subscriptions/$(jq -r .subscription "$E")/resourceGroups/$name
identity=$group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/cmk-app
vault_arm=$group/providers/Microsoft.KeyVault/vaults/$name

printf '%sA customer-managed key, from the empty subscription to the refusal.%s\n\n' "$bold" "$plain"
printf '$ E=%q\n$ CA=%q\n' "$E" "$CA"

step 'The administrator signs in to the control plane and to the vaults'
sign_in() {
	ask 200 "curl --cacert \"\$CA\" '$login/$tenant/oauth2/v2.0/token' \\
	--data grant_type=client_credentials --data-urlencode 'scope=$1/.default' \\
	--data-urlencode \"client_id=\$(jq -r .client_id \"\$E\")\" \\
	--data-urlencode \"client_secret=\$(jq -r .client_secret \"\$E\")\"" "$2" .access_token
	expect_answer .token_type Bearer
}
sign_in "$arm" ARM_TOKEN
sign_in "https://$vaults" VAULT_TOKEN
local_step "ADMIN_OID=\$(jq -rR 'split(\".\")[1] | gsub(\"-\"; \"+\") | gsub(\"_\"; \"/\") | @base64d | fromjson.oid' <<<\"\$ARM_TOKEN\")"
[[ $ADMIN_OID =~ ^[0-9a-f-]{36}$ ]] || fail "the token names no oid"

# A body in single quotes, with the variables in it taken out of them.
quoted() {
	sed -E -e "s/[\$]([A-Z_]+)/'\"\$\\1\"'/g" -e "1s/^/'/" -e "\$s/\$/'/" <<<"$1"
}

# as_admin STATUS METHOD URL BODY [VARIABLE FILTER]
as_admin() {
	local status=$1 command
	command="curl --cacert \"\$CA\" -X $2 '$3' \\
	-H \"Authorization: Bearer \$ARM_TOKEN\" -H 'Content-Type: application/json' \\
	-d $(quoted "$4")"
	shift 4
	ask "$status" "$command" "$@"
}

step 'A resource group'
as_admin 201 PUT "$group?api-version=2021-04-01" '{"location":"westeurope"}'
expect_answer .properties.provisioningState Succeeded

step 'A user-assigned identity'
as_admin 201 PUT "$identity?api-version=2023-01-31" '{"location":"westeurope"}' PRINCIPAL_ID .properties.principalId
shows=.properties ask 200 "curl --cacert \"\$CA\" '$identity?api-version=2023-01-31' -H \"Authorization: Bearer \$ARM_TOKEN\"" \
	CLIENT_ID .properties.clientId
expect_answer .properties.principalId "$PRINCIPAL_ID"

step 'A vault with purge protection; the identity may get, wrapKey and unwrapKey'
as_admin 200 PUT "$vault_arm?api-version=2023-07-01" '{"location":"westeurope","properties":{
	"tenantId":"'"$tenant"'","sku":{"family":"A","name":"standard"},
	"softDeleteRetentionInDays":7,"enablePurgeProtection":true,"accessPolicies":[
	{"tenantId":"'"$tenant"'","objectId":"$ADMIN_OID","permissions":{"keys":["create","get","list"]}},
	{"tenantId":"'"$tenant"'","objectId":"$PRINCIPAL_ID","permissions":{"keys":["get","wrapKey","unwrapKey"]}}]}}'
expect_answer .properties.enablePurgeProtection true
shows='.properties | {vaultUri, provisioningState}' \
	ask 200 "curl --cacert \"\$CA\" '$vault_arm?api-version=2023-07-01' -H \"Authorization: Bearer \$ARM_TOKEN\"" \
	VAULT_URI .properties.vaultUri
expect_answer .properties.provisioningState Succeeded
expect_answer '.properties.accessPolicies[1].permissions.keys | join(" ")' 'get wrapKey unwrapKey'
expect vaultUri "$VAULT_URI" "$vault/"

step 'An RSA key'
create_key() {
	ask 200 "curl --cacert \"\$CA\" -X POST '$vault/keys/kek/create?api-version=7.4' \\
	-H \"Authorization: Bearer \$VAULT_TOKEN\" -H 'Content-Type: application/json' \\
	-d $(quoted '{"kty":"RSA","key_size":2048}')" "$1" .key.kid
	expect_answer .key.kty RSA
}
create_key KID

step 'A token as that identity, from the instance metadata service'
ask 200 "curl -G -H Metadata:true '$imds/metadata/identity/oauth2/token' \\
	-d api-version=2018-02-01 -d \"client_id=\$CLIENT_ID\" --data-urlencode 'resource=https://$vaults'" \
	APP_TOKEN .access_token
expect_answer .resource "https://$vaults"

# as_app STATUS URL VALUE [VARIABLE FILTER]
as_app() {
	local status=$1 command
	command="curl --cacert \"\$CA\" -X POST \"$2?api-version=7.4\" \\
	-H \"Authorization: Bearer \$APP_TOKEN\" -H 'Content-Type: application/json' \\
	-d $(quoted "{\"alg\":\"RSA-OAEP-256\",\"value\":\"$3\"}")"
	shift 3
	ask "$status" "$command" "$@"
}

step 'A random 256-bit data key, wrapped by the key in the vault'
local_step 'openssl rand 32 >data.key; DATA_KEY=$(base64 -w0 data.key | tr +/ -_ | tr -d =)'
fingerprint=$(sha256sum <data.key)
as_app 200 "$vault/keys/kek/wrapkey" '$DATA_KEY' WRAPPED .value
expect_answer .kid "$KID"

step 'A real file, encrypted with the data key; then the data key is thrown away'
local_step "cp $(printf %q "$file") document; IV=\$(openssl rand -hex 16)"
local_step 'openssl enc -aes-256-cbc -K "$(od -An -v -tx1 data.key | tr -d " \n")" -iv "$IV" -in document -out document.enc'
! cmp -s document document.enc || fail "the encrypted file is the file itself"
local_step 'shred -u data.key; unset DATA_KEY; ls -l document document.enc'

unwrap_decrypt_compare() {
	as_app 200 '${KID}/unwrapkey' '$WRAPPED' DATA_KEY .value
	expect_answer .kid "$KID"
	local_step '{ tr -- -_ +/ <<<"$DATA_KEY" | tr -d "\n"; printf =; } | base64 -d >data.key'
	expect "the data key's fingerprint" "$(sha256sum <data.key)" "$fingerprint"
	local_step 'openssl enc -d -aes-256-cbc -K "$(od -An -v -tx1 data.key | tr -d " \n")" -iv "$IV" -in document.enc -out document.dec'
	local_step 'cmp document document.dec && echo "the same"'
	local_step 'shred -u data.key; rm document.dec; unset DATA_KEY'
}

step 'The vault unwraps the data key, the file decrypts, and is the same'
unwrap_decrypt_compare

step 'A new version of the key; the old ciphertext still unwraps by its versioned kid'
create_key NEW_KID
[[ $NEW_KID == "$vault/keys/kek/"* && $NEW_KID != "$KID" ]] || fail "the new version is \"$NEW_KID\""
unwrap_decrypt_compare

step 'The policy is removed'
as_admin 200 PUT "$vault_arm/accessPolicies/remove?api-version=2023-07-01" '{"properties":{"accessPolicies":[
	{"tenantId":"'"$tenant"'","objectId":"$PRINCIPAL_ID","permissions":{"keys":["get","wrapKey","unwrapKey"]}}]}}'
shows=.properties.accessPolicies \
	ask 200 "curl --cacert \"\$CA\" '$vault_arm?api-version=2023-07-01' -H \"Authorization: Bearer \$ARM_TOKEN\""
expect "the identity's number of permissions" \
	"$(jq --arg id "$PRINCIPAL_ID" '[.properties.accessPolicies[] | select(.objectId == $id) | .permissions.keys[]] | length' answer)" 0

step 'The same unwrap is refused'
as_app 403 '${KID}/unwrapkey' '$WRAPPED'
expect_answer .error.code Forbidden
expect_answer .error.innererror.code AccessDenied
expect_answer '.error.message | test("does not have keys unwrapKey permission"; "i")' true

printf '\n%sAll %d steps went as they should.%s\n' "$bold" "$steps" "$plain"
