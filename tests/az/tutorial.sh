#!/usr/bin/env bash
# The registry tutorial with the real az: every command block of its parts two (command line, template) and three, and
# the scenario of a key behind a vault's firewall, in the order in which they are published; each answer is looked at.
#
#   eval "$(sandvault env --proxy)"  # or: sandvault env, where the names below localhost resolve
#   tests/az/tutorial.sh
#
# Portal steps appear as the commands that ask the control plane for the same. Ends at the first answer that is not as
# the real cloud would give it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
: "${SANDVAULT_TENANT:?first: eval \"\$(sandvault env)\"}"

# What the published text leaves to its reader.
suffix=$(openssl rand -hex 3)
location=westeurope
group=tutorial-$suffix
identity_name=registry-identity-$suffix
vault=tutorial-$suffix
key_name=registry-key
manual=manual$suffix       # a registry that is given one version of the key
automatic=automatic$suffix # one that is given the key without a version
template_registry=template$suffix
template_identity=template-identity-$suffix
roles_vault=roles-$suffix
roles_registry=roles$suffix
closed_vault=closed-$suffix

template=../../fixtures/templates/CMKtemplate.json

# The one flag that is added: since it was published, az makes vaults that go by roles, where it means access policies.
access_policies=(--enable-rbac-authorization false)

# An hour of the sandbox's clock is what "within one hour" takes.
an_hour_later() {
	sandvault clock advance PT1H >/dev/null
}

passed=0 answer= step=

fail() {
	printf 'FAILED: %s\n%s\n' "$step" "$*" >&2
	exit 1
}

pass() {
	passed=$((passed + 1))
	printf 'ok: %s\n' "$step"
}

# expect STEP COMMAND … gives JQ-CONDITION [JQ ARGUMENT …]: the command passes, and its answer meets the condition.
expect() {
	local words=() said
	step=$1
	shift
	while [[ $1 != gives ]]; do
		words+=("$1")
		shift
	done
	said=$(mktemp)
	answer=$("${words[@]}" 2>"$said") || fail "$(cat "$said" && rm -f "$said")"
	rm -f "$said"
	jq -e "${@:3}" "$2" <<<"${answer:-null}" >/dev/null || fail "not so: $2"$'\n'"$answer"
	pass
}

# refuse STEP COMMAND … says TEXT: the command fails and says the text.
refuse() {
	local words=() said
	step=$1
	shift
	while [[ $1 != says ]]; do
		words+=("$1")
		shift
	done
	said=$("${words[@]}" 2>&1) && fail "it passed: $said"
	[[ $said == *"$2"* ]] || fail "it does not say: $2"$'\n'"$said"
	pass
}

# encryption REGISTRY STEP JQ-CONDITION …: of the block that shows it.
encryption() {
	local registry=$1 what=$2
	shift 2
	expect "$what" az acr encryption show --name "$registry" gives "$@"
}

cannot_use="Verify that identity"

enable_by_command_line() {
	expect "a resource group" az group create --name "$group" --location $location gives \
		'.properties.provisioningState == "Succeeded"'

	expect "a user-assigned managed identity" az identity create \
		--resource-group "$group" \
		--name "$identity_name" gives \
		'.clientId and .principalId and (.id | endswith($n)) and .type == "Microsoft.ManagedIdentity/userAssignedIdentities"' \
		--arg n "/userAssignedIdentities/$identity_name"

	identityID=$(az identity show --resource-group "$group" --name "$identity_name" --query 'id' --output tsv)

	identityPrincipalID=$(az identity show --resource-group "$group" --name "$identity_name" --query 'principalId' --output tsv)

	expect "a key vault" az keyvault create --name "$vault" \
		--resource-group "$group" \
		--enable-purge-protection --location $location "${access_policies[@]}" gives \
		'.properties | .enableSoftDelete and .enablePurgeProtection and (.accessPolicies | length) == 1'

	keyvaultID=$(az keyvault show --resource-group "$group" --name "$vault" --query 'id' --output tsv)

	expect "access for the identity by a policy" az keyvault set-policy \
		--resource-group "$group" \
		--name "$vault" \
		--object-id "$identityPrincipalID" \
		--key-permissions get unwrapKey wrapKey gives \
		'.properties.accessPolicies[] | select(.objectId == $p) | .permissions.keys | sort == ["get", "unwrapKey", "wrapKey"]' \
		--arg p "$identityPrincipalID"

	expect "access for the identity by a role" az role assignment create --assignee "$identityPrincipalID" \
		--role "Key Vault Crypto Service Encryption User" \
		--scope "$keyvaultID" gives \
		'.principalId == $p and .scope == $s and .principalType == "ServicePrincipal"' \
		--arg p "$identityPrincipalID" --arg s "$keyvaultID"

	expect "a key" az keyvault key create \
		--name $key_name \
		--vault-name "$vault" gives \
		'.key | .kty == "RSA" and .e == "AQAB" and (.kid | startswith("https://" + $v)) and
			.keyOps == ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]' --arg v "$vault."

	# With its version: rotation is by hand.
	keyID=$(az keyvault key show \
		--name $key_name \
		--vault-name "$vault" \
		--query 'key.kid' --output tsv)
	first_version=$keyID

	expect "a registry with one version of the key" az acr create \
		--resource-group "$group" \
		--name "$manual" \
		--identity "$identityID" \
		--key-encryption-key "$keyID" \
		--sku Premium gives \
		'.provisioningState == "Succeeded" and .sku.name == "Premium" and .encryption.status == "enabled" and
			.encryption.keyVaultProperties.keyIdentifier == $k' --arg k "$keyID"

	encryption "$manual" "its encryption" '.status == "enabled" and (.keyVaultProperties |
		.keyIdentifier == $k and .versionedKeyIdentifier == $k and .keyRotationEnabled == false)' --arg k "$keyID"

	# Without: the registry follows the key.
	keyID=$(az keyvault key show \
		--name $key_name \
		--vault-name "$vault" \
		--query 'key.kid' --output tsv)

	keyID=$(echo "$keyID" | sed -e "s/\/[^/]*$//")

	expect "a registry with the key" az acr create \
		--resource-group "$group" \
		--name "$automatic" \
		--identity "$identityID" \
		--key-encryption-key "$keyID" \
		--sku Premium gives '.provisioningState == "Succeeded"'

	encryption "$automatic" "its encryption, with the version found" '.keyVaultProperties |
		.keyIdentifier == $k and .versionedKeyIdentifier == $v and .keyRotationEnabled' \
		--arg k "$keyID" --arg v "$first_version"
}

# A vault as the published command makes it today: it goes by roles, and the role is what opens it.
enable_by_roles() {
	local admin scope principal
	expect "a key vault that goes by roles" az keyvault create --name "$roles_vault" \
		--resource-group "$group" \
		--enable-purge-protection --location $location gives '.properties.enableRbacAuthorization'
	scope=$(jq -r .id <<<"$answer")
	refuse "no key without a role" az keyvault key create --name $key_name --vault-name "$roles_vault" says \
		"Caller is not authorized to perform action on resource."
	admin=$(az account show --query user.name --output tsv)
	expect "a role for oneself" az role assignment create --assignee "$admin" --role "Key Vault Crypto Officer" \
		--scope "$scope" gives '.principalId'
	expect "a key" az keyvault key create --name $key_name --vault-name "$roles_vault" gives .key.kid
	keyID=$(jq -r .key.kid <<<"$answer" | sed -e "s/\/[^/]*$//")
	refuse "no registry before the identity has its role" az acr create --resource-group "$group" \
		--name "$roles_registry" --identity "$identityID" --key-encryption-key "$keyID" --sku Premium says "$cannot_use"
	principal=$identityPrincipalID
	expect "the role" az role assignment create --assignee "$principal" \
		--role "Key Vault Crypto Service Encryption User" \
		--scope "$scope" gives '.scope == $s' --arg s "$scope"
	expect "a registry" az acr create --resource-group "$group" --name "$roles_registry" --identity "$identityID" \
		--key-encryption-key "$keyID" --sku Premium gives '.provisioningState == "Succeeded"'
}

# The service's own refusal of a parameter that the template does not declare; az stops before it asks.
validate_with_key_id() {
	local body
	body="{\"properties\": {\"mode\": \"Incremental\", \"parameters\": {\"key_id\": {\"value\": \"$keyID\"}},
		\"template\": $(<"$template")}}"
	az rest --method post --body "$body" --headers Content-Type=application/json --url \
		"$groupID/providers/Microsoft.Resources/deployments/CMKtemplate/validate?api-version=2021-04-01"
}

enable_by_template() {
	groupID=$(az group show --name "$group" --query id --output tsv)
	keyID=$(az keyvault key show --name $key_name --vault-name "$vault" --query 'key.kid' --output tsv)

	# As published: the command says key_id, the template kek_id.
	refuse "the published parameters" az deployment group create \
		--resource-group "$group" \
		--template-file "$template" \
		--parameters \
		registry_name="$template_registry" \
		identity_name="$template_identity" \
		vault_name="$vault" \
		key_id="$keyID" says "unrecognized template parameter 'key_id'"
	refuse "the service says so too" validate_with_key_id says \
		"The following parameters were supplied, but do not correspond to any parameters defined in the template: 'key_id'."

	expect "a registry by the template" az deployment group create \
		--resource-group "$group" \
		--template-file "$template" \
		--parameters \
		registry_name="$template_registry" \
		identity_name="$template_identity" \
		vault_name="$vault" \
		kek_id="$keyID" gives \
		'.properties | .provisioningState == "Succeeded" and ([.outputResources[].id | ascii_downcase |
			select(endswith($r) or endswith($i))] | length) == 2' \
		--arg r "/registries/$template_registry" --arg i "/userassignedidentities/$template_identity"

	encryption "$template_registry" "its encryption" \
		'.status == "enabled" and .keyVaultProperties.keyIdentifier == $k' --arg k "$keyID"
	expect "the template's access policy" az keyvault show --name "$vault" gives \
		'.properties.accessPolicies | length == 3'
}

rotate() {
	local clientID new_key_id principal
	expect "a new version of the key" az keyvault key create \
		--name $key_name \
		--vault-name "$vault" gives '.key.kid != $k' --arg k "$first_version"
	new_key_id=$(jq -r .key.kid <<<"$answer")
	an_hour_later
	encryption "$automatic" "the registry follows within an hour" '.keyVaultProperties |
		.versionedKeyIdentifier == $k and .lastKeyRotationTimestamp' --arg k "$new_key_id"
	encryption "$manual" "the other one stays" '.keyVaultProperties | .versionedKeyIdentifier == $k and
		.lastKeyRotationTimestamp == null' --arg k "$first_version"

	clientID=$(az identity show --resource-group "$group" --name "$identity_name" --query clientId --output tsv)
	expect "rotation with a client id" az acr encryption rotate-key \
		--name "$manual" \
		--key-encryption-key "$new_key_id" \
		--identity "$clientID" gives '.provisioningState == "Succeeded"'
	encryption "$manual" "the new version, by hand" '.keyVaultProperties | .versionedKeyIdentifier == $k and
		.keyRotationEnabled == false and .lastKeyRotationTimestamp and .identity == $c' \
		--arg k "$new_key_id" --arg c "$clientID"

	new_key_id=${new_key_id%/*}
	expect "rotation with a user-assigned identity" az acr encryption rotate-key \
		--name "$manual" \
		--key-encryption-key "$new_key_id" \
		--identity "$identityID" gives '.provisioningState == "Succeeded"'
	encryption "$manual" "from now on it follows" \
		'.keyVaultProperties | .keyIdentifier == $k and .keyRotationEnabled' --arg k "$new_key_id"

	refuse "rotation with an identity that is not there" az acr encryption rotate-key --name "$manual" \
		--key-encryption-key "$new_key_id" --identity "[system]" says "ERROR: ("
	expect "a system-assigned identity" az acr identity assign --name "$manual" --identities "[system]" gives \
		'.identity.principalId'
	principal=$(jq -r .identity.principalId <<<"$answer")
	refuse "rotation with an identity without permissions" az acr encryption rotate-key --name "$manual" \
		--key-encryption-key "$new_key_id" --identity "[system]" says "$cannot_use"
	expect "its permissions" az keyvault set-policy --name "$vault" --object-id "$principal" \
		--key-permissions get unwrapKey wrapKey gives .id
	expect "rotation with the system-assigned identity" az acr encryption rotate-key \
		--name "$manual" \
		--key-encryption-key "$new_key_id" \
		--identity "[system]" gives '.provisioningState == "Succeeded"'
	encryption "$manual" "its encryption" '.keyVaultProperties | .versionedKeyIdentifier | startswith($k)' \
		--arg k "$new_key_id/"
}

# in_registry METHOD PATH [CURL ARGUMENT …]: what a client of images asks of the automatic registry, as whoever az is.
in_registry() {
	local method=$1 path=$2 login server token
	shift 2
	login=$(az acr login --name "$automatic" --expose-token 2>/dev/null)
	server=$(jq -r .loginServer <<<"$login")
	token=$(curl -sSf --get -u "$(jq -r '"\(.username):\(.accessToken)"' <<<"$login")" -d "service=$server" \
		-d scope=repository:hello:pull,push "https://$server/oauth2/token" | jq -r .access_token)
	curl -sS --fail-with-body -X "$method" -H "Authorization: Bearer $token" "$@" "https://$server/v2/hello/$path"
}

# The smallest image there is: a configuration, no layers.
push_image() {
	local type=application/vnd.oci.image digest
	digest=sha256:$(printf '{}' | sha256sum | cut -d' ' -f1)
	in_registry POST "blobs/uploads/?digest=$digest" -H Content-Type:application/octet-stream -d '{}' &&
		in_registry PUT manifests/latest -H "Content-Type: $type.manifest.v1+json" \
			-d '{"schemaVersion":2,"mediaType":"'$type.manifest.v1+json'","config":{"mediaType":"'$type.config.v1+json'",
				"digest":"'"$digest"'","size":2},"layers":[]}'
}

pull_image() {
	in_registry GET manifests/latest -H 'Accept: application/vnd.oci.image.manifest.v1+json'
}

# use_key ID: the registry takes the key under another name, which it does only when it can use it.
use_key() {
	az acr encryption rotate-key --name "$automatic" --key-encryption-key "$1" --identity "$identityID"
}

revoke() {
	local version
	version=$(az keyvault key show --name $key_name --vault-name "$vault" --query 'key.kid' --output tsv)
	keyID=${version%/*}
	expect "the key in use" use_key "$version" gives '.provisioningState == "Succeeded"'
	expect "an image" push_image gives true
	expect "pulled" pull_image gives '.config.size == 2'

	# As published: the id of a key where the identity's object id belongs.
	refuse "the published object id" az keyvault delete-policy \
		--resource-group "$group" \
		--name "$vault" \
		--object-id "$keyID" says "No matching policies found"
	expect "the policy removed" az keyvault delete-policy \
		--resource-group "$group" \
		--name "$vault" \
		--object-id "$identityPrincipalID" gives \
		'[.properties.accessPolicies[].objectId] | index($p) == null' --arg p "$identityPrincipalID"
	refuse "the image out of reach" pull_image says '"code":"DENIED"'
	refuse "the key out of reach" use_key "$keyID" says "$cannot_use"
	expect "the policy restored" az keyvault set-policy --name "$vault" --object-id "$identityPrincipalID" \
		--key-permissions get unwrapKey wrapKey gives .id
	expect "the image in reach again" pull_image gives '.config.size == 2'
	expect "the key in reach again" use_key "$keyID" gives '.provisioningState == "Succeeded"'

	# As published: a block that fell apart.
	refuse "the published deletion" az keyvault key delete \
		--name "$vault" \
		-- \
		--object-id "$identityPrincipalID" says "unrecognized arguments"
	expect "the key deleted" az keyvault key delete --name $key_name --vault-name "$vault" gives .recoveryId
	refuse "the image gone" pull_image says '"code":"DENIED"'
	refuse "the key gone" use_key "$version" says "$cannot_use"
	expect "the key recovered" az keyvault key recover --name $key_name --vault-name "$vault" gives .key.kid
	expect "the image back" pull_image gives '.config.size == 2'
	expect "the key in use again" use_key "$version" gives '.provisioningState == "Succeeded"'
}

# A key in a vault that lets nobody through its firewall but trusted services.
firewall() {
	local principal
	expect "the registry's system-assigned identity" az acr identity assign --name "$automatic" \
		--identities "[system]" gives .identity.principalId
	principal=$(jq -r .identity.principalId <<<"$answer")
	expect "the other vault" az keyvault create --name "$closed_vault" --resource-group "$group" --location $location \
		--enable-purge-protection "${access_policies[@]}" gives .id
	expect "its key" az keyvault key create --name $key_name --vault-name "$closed_vault" gives .key.kid
	keyID=$(jq -r .key.kid <<<"$answer" | sed -e "s/\/[^/]*$//")
	expect "its permissions" az keyvault set-policy --name "$closed_vault" --object-id "$principal" \
		--key-permissions get unwrapKey wrapKey gives .id
	expect "permissions for the user-assigned one, too" az keyvault set-policy --name "$closed_vault" \
		--object-id "$identityPrincipalID" --key-permissions get unwrapKey wrapKey gives .id
	expect "its firewall, which trusted services pass" az keyvault update --name "$closed_vault" \
		--default-action Deny --bypass AzureServices gives \
		'.properties.networkAcls | .defaultAction == "Deny" and .bypass == "AzureServices"'
	refuse "a client outside" az keyvault key list --vault-name "$closed_vault" says \
		"Client address is not authorized and caller is not a trusted service."
	refuse "a user-assigned identity does not pass" az acr encryption rotate-key --name "$automatic" \
		--key-encryption-key "$keyID" --identity "$identityID" says "$cannot_use"
	expect "the system-assigned one does" az acr encryption rotate-key --name "$automatic" \
		--key-encryption-key "$keyID" --identity "[system]" gives '.provisioningState == "Succeeded"'
	encryption "$automatic" "its encryption" \
		'.keyVaultProperties | .keyIdentifier == $k and .keyRotationEnabled' --arg k "$keyID"
	expect "the vault of before deleted" az keyvault delete --name "$vault" gives true
	an_hour_later
	encryption "$automatic" "the registry goes on" \
		'.keyVaultProperties | .versionedKeyIdentifier | startswith($k)' --arg k "$keyID/"
	expect "and its image with it" pull_image gives '.config.size == 2'
}

step="sign in"
az login --service-principal --username "$AZURE_CLIENT_ID" --password "$AZURE_CLIENT_SECRET" \
	--tenant "$SANDVAULT_TENANT" --output none || fail "see above"
pass
all_parts=(enable_by_command_line enable_by_roles enable_by_template rotate revoke firewall)
for part in "${all_parts[@]}"; do
	printf '\n%s\n' "${part//_/ }"
	"$part"
done
printf '\n%d steps passed\n' "$passed"
