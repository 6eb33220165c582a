// Vaults that do not let the caller's address in: the SDK's permissions are in order, its network is not.

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { KeyClient } from '@azure/keyvault-keys';
import {
	adminCredential,
	assertRefused,
	changeVault,
	collect,
	createWorld,
	endpoints,
	managedIdentity,
} from './sandbox.mjs';

const here = '127.0.0.1';
const open = { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [], virtualNetworkRules: [] };
const closed = { ...open, defaultAction: 'Deny' };
const by = (inner) => ({ status: 403, code: 'Forbidden', inner });
const operations = {
	get: (vault) => vault.getKey('k'),
	create: (vault) => vault.createEcKey('new'),
	update: (vault) => vault.updateKeyProperties('k', { enabled: false }),
	delete: (vault) => vault.beginDeleteKey('k'),
	'get deleted': (vault) => vault.getDeletedKey('k'),
	backup: (vault) => vault.backupKey('k'),
	rotate: (vault) => vault.rotateKey('k'),
	sign: (vault) => vault.getCryptographyClient('k').sign('ES256', Buffer.alloc(32)),
};

let world, client;

before(async () => {
	world = await createWorld('sdkjsnet');
	client = new KeyClient(world.url, adminCredential());
	await client.createEcKey('k');
});

beforeEach(() => changeVault(world, { publicNetworkAccess: 'Enabled', networkAcls: open }));

const admitting = (...addresses) => ({ ...closed, ipRules: addresses.map((value) => ({ value })) });

test('firewall', async () => {
	await changeVault(world, { networkAcls: closed });
	for (const call of Object.values(operations)) {
		const message = await assertRefused(() => call(client), by('ForbiddenByFirewall'));
		const lines = message.split('\r\n');
		assert.deepEqual(lines.slice(0, 2), [
			'Client address is not authorized and caller is not a trusted service.',
			`Client address: ${here}`,
		]);
		const caller = `Caller: appid=${endpoints.client_id};oid=${world.admin.objectId};iss=`;
		assert.ok(lines[2].startsWith(caller), lines[2]);
		assert.deepEqual(lines.slice(3), [`Vault: ${world.name};location=westeurope`]);
	}
	// For a list the SDK gives status and code, and its own message.
	await assertRefused(() => collect(client.listPropertiesOfKeys()), { status: 403, code: 'Forbidden' });

	// Each refusal came before anything was done.
	await changeVault(world, { networkAcls: admitting('192.0.2.0/24', here) });
	const keys = await collect(client.listPropertiesOfKeys());
	assert.deepEqual(
		keys.map((k) => [k.name, k.enabled]),
		[['k', true]],
	);
	assert.equal((await collect(client.listPropertiesOfKeyVersions('k'))).length, 1);
});

test('an address taken off the list', async () => {
	await changeVault(world, { networkAcls: admitting('127.0.0.0/24') });
	await client.getKey('k');
	await changeVault(world, { networkAcls: admitting('192.0.2.1') });
	await assertRefused(() => client.getKey('k'), by('ForbiddenByFirewall'));
});

test('a managed identity of a machine is no trusted service', async () => {
	const vault = new KeyClient(world.url, managedIdentity(world.cmk));
	await vault.getKey('k');
	await changeVault(world, { networkAcls: closed });
	const message = await assertRefused(() => vault.getKey('k'), by('ForbiddenByFirewall'));
	assert.ok(message.includes(';xms_mirid=/subscriptions/'), message);
});

const texts = {
	AzureServices:
		'Public network access is disabled and request is not from a trusted service nor via an approved ' +
		'private link.\r\nCaller: appid=',
	None:
		'Connection is not an approved private link and caller was ignored because bypass is not set to ' +
		"'AzureServices' and PublicNetworkAccess is set to 'Disabled'.\r\nVault: ",
};
for (const [bypass, text] of Object.entries(texts)) {
	test(`no public access, bypass ${bypass}`, async () => {
		// Rules that would let the address in are not asked.
		const networkAcls = { ...admitting(here), bypass };
		await changeVault(world, { publicNetworkAccess: 'Disabled', networkAcls });
		for (const call of Object.values(operations)) {
			const message = await assertRefused(() => call(client), by('ForbiddenByConnection'));
			assert.ok(message.startsWith(text), message);
		}
		await changeVault(world, { publicNetworkAccess: 'Enabled' });
		await client.getKey('k');
	});
}

test('the network is looked at before permissions', async () => {
	const nobody = new KeyClient(world.url, managedIdentity(world.other));
	await assertRefused(() => nobody.getKey('k'), by('AccessDenied'));
	await changeVault(world, { networkAcls: closed });
	await assertRefused(() => nobody.getKey('k'), by('ForbiddenByFirewall'));
});
