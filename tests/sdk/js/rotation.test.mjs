// KeyClient: rotation policies, rotation by hand, and what is refused of both.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, assertRefused, collect, createWorld, managedIdentity, uniqueName } from './sandbox.mjs';

const [Notify, Rotate] = ['Notify', 'Rotate'];
const DAY_MS = 86_400_000;
let world, client;

before(async () => {
	world = await createWorld('sdkjsrot');
	client = new KeyClient(world.url, adminCredential());
});

/** The actions without the members that are not there. */
const actions = ({ lifetimeActions }) => JSON.parse(JSON.stringify(lifetimeActions));

test('the policy of a fresh key', async () => {
	const { name } = await client.createEcKey(uniqueName());
	const policy = await client.getKeyRotationPolicy(name);
	assert.deepEqual(actions(policy), [{ action: Notify, timeBeforeExpiry: 'P30D' }]);
	assert.deepEqual([policy.expiresIn, policy.createdOn, policy.updatedOn], [undefined, undefined, undefined]);
});

test('a policy is kept', async () => {
	const { name } = await client.createEcKey(uniqueName());
	const sent = {
		expiresIn: 'P90D',
		lifetimeActions: [
			{ action: Rotate, timeAfterCreate: 'P60D' },
			{ action: Notify, timeBeforeExpiry: 'P20D' },
		],
	};
	for (const got of [await client.updateKeyRotationPolicy(name, sent), await client.getKeyRotationPolicy(name)]) {
		assert.deepEqual(actions(got), sent.lifetimeActions);
		assert.equal(got.expiresIn, 'P90D');
		assert.equal(got.id, `${world.url}/keys/${name}/rotationpolicy`);
		assert.ok(Math.abs(got.createdOn - Date.now()) < 60_000 && got.updatedOn >= got.createdOn);
	}
});

for (const kind of ['RSA', 'EC']) {
	test(`rotate ${kind}`, async () => {
		const old = await client.createKey(uniqueName(), kind, { tags: { kept: 'yes' } });
		const { name } = old;
		await client.updateKeyRotationPolicy(name, { expiresIn: 'P90D', lifetimeActions: [] });
		const fresh = await client.rotateKey(name);
		assert.notEqual(fresh.id, old.id);
		assert.equal((await client.getKey(name)).id, fresh.id);
		assert.deepEqual([fresh.keyType, fresh.keyOperations], [old.keyType, old.keyOperations]);
		const material = kind === 'RSA' ? 'n' : 'x';
		assert.equal(fresh.key[material].length, old.key[material].length);
		assert.notDeepEqual(fresh.key[material], old.key[material]);
		assert.deepEqual({ ...fresh.properties.tags }, { kept: 'yes' });
		assert.equal(fresh.properties.expiresOn - fresh.properties.createdOn, 90 * DAY_MS);
		const versions = await collect(client.listPropertiesOfKeyVersions(name));
		assert.deepEqual(versions.map((p) => p.id).sort(), [old.id, fresh.id].sort());
	});
}

test('what was wrapped before is unwrapped after', async () => {
	const old = await client.createRsaKey(uniqueName());
	const dataKey = Buffer.alloc(32, 'k');
	const { result } = await client.getCryptographyClient(old.name).wrapKey('RSA-OAEP-256', dataKey);
	const fresh = await client.rotateKey(old.name);
	const after = await client.getCryptographyClient(old.name).wrapKey('RSA-OAEP-256', dataKey);
	assert.equal(after.keyID, fresh.id);
	const crypto = client.getCryptographyClient(old.name, { keyVersion: old.properties.version });
	assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result), dataKey);
});

const operations = {
	rotate: (vault, name) => vault.rotateKey(name),
	getrotationpolicy: (vault, name) => vault.getKeyRotationPolicy(name),
	setrotationpolicy: (vault, name) => vault.updateKeyRotationPolicy(name, { lifetimeActions: [] }),
};
for (const [operation, call] of Object.entries(operations)) {
	test(`${operation} of an unknown key`, async () => {
		const name = uniqueName('unknown');
		const message = await assertRefused(() => call(client, name), { status: 404, code: 'KeyNotFound' });
		assert.ok(message.includes(`(name/id) ${name} was not found`), message);
	});

	test(`${operation} without the permission`, async () => {
		const { name } = await client.createEcKey(uniqueName());
		const vault = new KeyClient(world.url, managedIdentity(world.cmk));
		const message = await assertRefused(() => call(vault, name), {
			status: 403,
			code: 'Forbidden',
			inner: 'AccessDenied',
		});
		assert.ok(message.includes(`does not have keys ${operation} permission on key vault`), message);
	});
}

describe('no valid policy', () => {
	const rotate = (trigger) => ({ action: Rotate, ...trigger });
	const policies = {
		'expiry too short': ['P27D'],
		'expiry that is no duration': ['90 days'],
		'rotation too early': [undefined, rotate({ timeAfterCreate: 'P6D' })],
		'rotation too near to expiry': ['P90D', rotate({ timeAfterCreate: 'P89D' })],
		'before an expiry that there is not': [undefined, rotate({ timeBeforeExpiry: 'P30D' })],
		'no trigger': ['P90D', rotate({})],
		'both triggers': ['P90D', rotate({ timeAfterCreate: 'P30D', timeBeforeExpiry: 'P30D' })],
		'two rotations': ['P90D', rotate({ timeAfterCreate: 'P30D' }), rotate({ timeAfterCreate: 'P40D' })],
		'unknown action': ['P90D', { action: 'Destroy', timeAfterCreate: 'P30D' }],
	};
	for (const [what, [expiresIn, ...lifetimeActions]] of Object.entries(policies)) {
		test(what, async () => {
			const { name } = await client.createEcKey(uniqueName());
			const update = () => client.updateKeyRotationPolicy(name, { expiresIn, lifetimeActions });
			await assertRefused(update, { status: 400, code: 'BadParameter' });
			assert.equal((await client.getKeyRotationPolicy(name)).createdOn, undefined);
		});
	}
});
