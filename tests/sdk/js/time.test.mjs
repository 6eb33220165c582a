// A sandbox whose clock these tests alone move: pollers that have to wait, keys that run out or rotate themselves.
//
// Its keys take ten minutes to be deleted and to be recovered, as they may in Azure: no poller can finish unless the
// clock is moved.

import './slow_sandbox.mjs';
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import {
	adminCredential,
	assertRefused,
	collect,
	createWorld,
	managedIdentity,
	moveClock,
	uniqueName,
} from './sandbox.mjs';

const DAY_MS = 86_400_000;
const notFound = { status: 404, code: 'KeyNotFound' };
const busy = (inner) => ({ status: 409, code: 'Conflict', inner });
const quickly = { intervalInMs: 20 };
let world, client;

before(async () => {
	await moveClock({ freeze: true });
	world = await createWorld('sdkjstime');
});

// After a jump of days, tokens of before are none.
beforeEach(() => {
	client = new KeyClient(world.url, adminCredential());
});

/** Asks as often as it takes, after the clock was moved past the delay. */
async function finish(poller) {
	assert.ok(!poller.isDone());
	await poller.poll();
	assert.ok(!poller.isDone(), 'done although no time has passed');
	const waiting = poller.pollUntilDone();
	await moveClock({ advance: 'PT10M' });
	const result = await waiting;
	assert.ok(poller.isDone());
	return result;
}

test('delete and recover take their time', async () => {
	const { id, name } = await client.createEcKey(uniqueName());
	const deleting = await client.beginDeleteKey(name, quickly);
	await assertRefused(() => client.getKey(name), notFound);
	await assertRefused(() => client.getDeletedKey(name), notFound);
	const early = [
		() => client.createEcKey(name),
		() => client.purgeDeletedKey(name),
		() => client.beginRecoverDeletedKey(name),
	];
	for (const call of early) {
		const message = await assertRefused(call, busy('ObjectIsBeingDeleted'));
		assert.equal(message, 'Key is currently being deleted.');
	}
	assert.equal((await finish(deleting)).id, id);
	assert.equal((await client.getDeletedKey(name)).id, id);

	const recovering = await client.beginRecoverDeletedKey(name, quickly);
	await assertRefused(() => client.getKey(name), notFound);
	await assertRefused(() => client.createEcKey(name), busy('ObjectIsBeingRecovered'));
	assert.equal((await finish(recovering)).id, id);
	assert.equal((await client.getKey(name)).id, id);
});

test('a poller is taken up again where it was left', async () => {
	const { id, name } = await client.createEcKey(uniqueName());
	const resumeFrom = (await client.beginDeleteKey(name, quickly)).toString();
	const poller = await client.beginDeleteKey(name, { ...quickly, resumeFrom });
	assert.equal((await finish(poller)).id, id);
});

for (const [inner, property] of [
	['KeyNotYetValid', 'notBefore'],
	['KeyExpired', 'expiresOn'],
]) {
	test(`a key meets its date: ${property}`, async () => {
		const { id, name, properties } = await client.createRsaKey(uniqueName());
		const date = new Date(properties.createdOn.getTime() + 300_000);
		await client.updateKeyProperties(name, { [property]: date });
		// May not read it: the SDK's own look at the dates would go by the machine's clock.
		const crypto = new CryptographyClient(id, managedIdentity(world.blind));
		const wrap = () => crypto.wrapKey('RSA-OAEP-256', Buffer.from('data key'));
		const refused = () => assertRefused(wrap, { status: 403, code: 'Forbidden', inner });
		await (property === 'notBefore' ? refused() : wrap());
		await moveClock({ advance: 'PT5M' });
		await (property === 'notBefore' ? wrap() : refused());
	});
}

test('a key rotates itself', async () => {
	const old = await client.createEcKey(uniqueName());
	await client.updateKeyRotationPolicy(old.name, {
		expiresIn: 'P90D',
		lifetimeActions: [{ action: 'Rotate', timeAfterCreate: 'P30D' }],
	});
	await moveClock({ advance: 'P30D' });
	client = new KeyClient(world.url, adminCredential());
	const { id, properties } = await client.getKey(old.name);
	assert.notEqual(id, old.id);
	assert.equal(properties.createdOn - old.properties.createdOn, 30 * DAY_MS);
	assert.equal(properties.expiresOn - properties.createdOn, 90 * DAY_MS);
});

test('a deleted key is purged when its time has come', async () => {
	const { name } = await client.createEcKey(uniqueName());
	await finish(await client.beginDeleteKey(name, quickly));
	await moveClock({ advance: 'P90D' });
	client = new KeyClient(world.url, adminCredential());
	await assertRefused(() => client.getDeletedKey(name), notFound);
	assert.deepEqual(await collect(client.listDeletedKeys()), []);
	await client.createEcKey(name);
});
