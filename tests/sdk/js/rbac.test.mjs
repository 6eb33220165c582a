// A vault that asks for roles: what the SDK meets without one, with one, with one for a single key, when it is gone.
// Roles are given and taken through the control plane; the clients of the vault are never made anew for it.

import assert from 'node:assert/strict';
import { before, beforeEach, describe, test } from 'node:test';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import {
	adminCredential,
	assertRefused,
	changeVault,
	collect,
	createIdentity,
	createWorld,
	endpoints,
	grant,
	managedIdentity,
	uniqueName,
} from './sandbox.mjs';
import { ecJwk } from './own_keys.mjs';

const encryptionUser = 'Key Vault Crypto Service Encryption User';
const byRbac = { status: 403, code: 'Forbidden', inner: 'ForbiddenByRbac' };
const algorithm = 'RSA-OAEP-256'; // which the SDK leaves to the vault, both ways
const dataKey = Buffer.alloc(32, 'k');
const ciphertext = Buffer.alloc(256, 1);
const digest = Buffer.alloc(32, 'd');

let world, officer, identity, credential, caller, key;

before(async () => {
	world = await createWorld('sdkjsrbac', { enableRbacAuthorization: true });
	await grant(world.path, 'Key Vault Administrator', world.admin);
	officer = new KeyClient(world.url, adminCredential());
});

// Nobody knows this identity yet.
beforeEach(async () => {
	identity = await createIdentity(world.name, uniqueName('id'));
	credential = managedIdentity(identity);
	caller = new KeyClient(world.url, credential);
	key = await officer.createRsaKey(uniqueName());
});

function resource(name) {
	return `/subscriptions/${endpoints.subscription}${world.path}${name ? `/keys/${name}` : ''}`.toLowerCase();
}

async function assertForbidden(call, action, what) {
	const message = await assertRefused(call, byRbac);
	assert.ok(message.includes(`\r\nAction: 'Microsoft.KeyVault/vaults/${action}'\r\n`), message);
	assert.ok(message.includes(`\r\nResource: '${what}'\r\n`), message);
	return message;
}

async function wrapAndUnwrap(crypto) {
	const { result: wrapped } = await crypto.wrapKey(algorithm, dataKey);
	assert.deepEqual(Buffer.from((await crypto.unwrapKey(algorithm, wrapped)).result), dataKey);
	return wrapped;
}

const cryptoOf = (vault, name) => vault.getCryptographyClient(name);
const operations = {
	get: ['keys/read', (vault, name) => vault.getKey(name)],
	create: ['keys/create/action', (vault, name) => vault.createEcKey(name)],
	import: ['keys/import/action', (vault, name) => vault.importKey(name, ecJwk('P-256').jwk)],
	update: ['keys/update/action', (vault, name) => vault.updateKeyProperties(name, { enabled: false })],
	delete: ['keys/delete', (vault, name) => vault.beginDeleteKey(name)],
	'get deleted': ['keys/read', (vault, name) => vault.getDeletedKey(name)],
	recover: ['keys/recover/action', (vault, name) => vault.beginRecoverDeletedKey(name)],
	purge: ['keys/purge/action', (vault, name) => vault.purgeDeletedKey(name)],
	backup: ['keys/backup/action', (vault, name) => vault.backupKey(name)],
	rotate: ['keys/rotate/action', (vault, name) => vault.rotateKey(name)],
	'get rotation policy': ['keyrotationpolicies/read', (vault, name) => vault.getKeyRotationPolicy(name)],
	'update rotation policy': [
		'keyrotationpolicies/write',
		(vault, name) => vault.updateKeyRotationPolicy(name, { lifetimeActions: [] }),
	],
	wrap: ['keys/wrap/action', (vault, name) => cryptoOf(vault, name).wrapKey(algorithm, dataKey)],
	unwrap: ['keys/unwrap/action', (vault, name) => cryptoOf(vault, name).unwrapKey(algorithm, ciphertext)],
	decrypt: ['keys/decrypt/action', (vault, name) => cryptoOf(vault, name).decrypt(algorithm, ciphertext)],
	sign: ['keys/sign/action', (vault, name) => cryptoOf(vault, name).sign('RS256', digest)],
};

describe('without a role', () => {
	for (const [operation, [action, call]] of Object.entries(operations)) {
		test(operation, async () => {
			const { name } = key;
			const message = await assertForbidden(() => call(caller, name), action, resource(name));
			assert.match(message, /^Caller is not authorized to perform action on resource\.\r\n/);
			const { clientId, objectId } = identity;
			assert.ok(message.includes(`\r\nCaller: appid=${clientId};oid=${objectId};iss=`), message);
			assert.equal((await officer.getKey(key.name)).id, key.id);
		});
	}

	// For a list the SDK gives status and code, and its own message.
	test('list', async () => {
		for (const list of [caller.listPropertiesOfKeys(), caller.listDeletedKeys()]) {
			await assertRefused(() => collect(list), { status: 403, code: 'Forbidden' });
		}
	});

	test('whether a key is there cannot be learnt', async () => {
		const name = uniqueName('nothing');
		await assertForbidden(() => caller.getKey(name), 'keys/read', resource(name));
	});

	test('an owner of the control plane', async () => {
		const { url } = await createWorld('sdkjsrbacown', { enableRbacAuthorization: true });
		await assertRefused(() => new KeyClient(url, adminCredential()).createEcKey('k'), byRbac);
	});
});

test('an encryption user looks at keys, wraps and unwraps, and no more', async () => {
	await grant(world.path, encryptionUser, identity);
	assert.equal((await caller.getKey(key.name)).id, key.id);
	await wrapAndUnwrap(new CryptographyClient(key.id, credential));
	for (const [action, call] of Object.values(operations)) {
		// Before it recovers a key, the SDK looks whether it is alive, and is content.
		if (!/^keys\/(read|wrap|unwrap|recover)/.test(action)) {
			await assertForbidden(() => call(caller, key.name), action, resource(key.name));
		}
	}
});

test('a role for a single key', async () => {
	const other = await officer.createRsaKey(uniqueName());
	await grant(`${world.path}/keys/${key.name}`, encryptionUser, identity);
	await wrapAndUnwrap(new CryptographyClient(key.id, credential));
	const second = await officer.createRsaKey(key.name);
	assert.equal((await caller.getKey(key.name)).id, second.id);
	assert.equal((await collect(caller.listPropertiesOfKeyVersions(key.name))).length, 2);

	await assertForbidden(() => caller.getKey(other.name), 'keys/read', resource(other.name));
	const crypto = new CryptographyClient(other.id, credential);
	await assertForbidden(() => crypto.wrapKey(algorithm, dataKey), 'keys/wrap/action', resource(other.name));
	await assertRefused(() => collect(caller.listPropertiesOfKeys()), { status: 403, code: 'Forbidden' });
});

for (const where of ['vault', 'key']) {
	test(`a role removed from the ${where} is gone with the next request`, async () => {
		const scope = where === 'vault' ? world.path : `${world.path}/keys/${key.name}`;
		const revoke = await grant(scope, encryptionUser, identity);
		const crypto = new CryptographyClient(key.id, credential);
		const wrapped = await wrapAndUnwrap(crypto);

		await revoke();
		const unwrap = () => crypto.unwrapKey(algorithm, wrapped);
		await assertForbidden(unwrap, 'keys/unwrap/action', resource(key.name));
		await assertForbidden(() => caller.getKey(key.name), 'keys/read', resource(key.name));
		await grant(scope, encryptionUser, identity);
		assert.deepEqual(Buffer.from((await unwrap()).result), dataKey);
	});
}

test('the switch between roles and access policies', async () => {
	const { path, url, cmk } = await createWorld('sdkjsrbacswitch', { enableRbacAuthorization: false });
	await new KeyClient(url, adminCredential()).createEcKey('k');
	const vault = new KeyClient(url, managedIdentity(cmk));
	await vault.getKey('k');
	await changeVault({ path }, { enableRbacAuthorization: true });
	await assertRefused(() => vault.getKey('k'), byRbac);
	await grant(path, 'Key Vault Crypto User', cmk);
	await vault.getKey('k');
	await changeVault({ path }, { enableRbacAuthorization: false, accessPolicies: [] });
	await assertRefused(() => vault.getKey('k'), { status: 403, code: 'Forbidden', inner: 'AccessDenied' });
});
