// ClientSecretCredential, and DefaultAzureCredential in the environment that `sandvault env` gives.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import { ClientSecretCredential, DefaultAzureCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, claimsOf, createWorld, endpoints, program, refusal, vaultScope } from './sandbox.mjs';

let world;

before(async () => {
	world = await createWorld('sdkjscred');
	await new KeyClient(world.url, adminCredential()).createEcKey('k');
});

async function claims(credential) {
	return claimsOf((await credential.getToken(vaultScope)).token);
}

describe('ClientSecretCredential', () => {
	test('is the application', async () => {
		assert.equal((await claims(adminCredential())).appid, endpoints.client_id);
		assert.equal((await new KeyClient(world.url, adminCredential()).getKey('k')).name, 'k');
	});

	test('refuses a wrong secret', async () => {
		const { name, message } = await refusal(() => adminCredential('not the secret').getToken(vaultScope));
		assert.match(name, /^Authentication/);
		assert.match(message, /AADSTS7000215/);
	});

	test('refuses an unknown application', async () => {
		const credential = new ClientSecretCredential('adfs', '00000000-1111-2222-3333-444444444444', 'x', {
			authorityHost: endpoints.login,
		});
		assert.match((await refusal(() => credential.getToken(vaultScope))).message, /AADSTS700016/);
	});
});

describe('DefaultAzureCredential', () => {
	let original;

	beforeEach(() => {
		original = { ...process.env };
		const args = ['env', '--json', '--data-dir', endpoints.data_dir];
		Object.assign(process.env, JSON.parse(execFileSync(program('sandvault'), args)));
	});

	afterEach(() => {
		Object.keys(process.env).forEach((name) => delete process.env[name]);
		Object.assign(process.env, original);
	});

	test('is the administrator', async () => {
		const credential = new DefaultAzureCredential();
		assert.equal((await claims(credential)).appid, endpoints.client_id);
		assert.equal((await new KeyClient(world.url, credential).getKey('k')).name, 'k');
	});

	test('is the machine when no application is named', async () => {
		delete process.env.AZURE_CLIENT_SECRET;
		delete process.env.AZURE_CLIENT_ID;
		assert.equal((await claims(new DefaultAzureCredential())).oid, world.system.objectId);
	});

	test('is the managed identity that AZURE_CLIENT_ID names', async () => {
		delete process.env.AZURE_CLIENT_SECRET;
		process.env.AZURE_CLIENT_ID = world.cmk.clientId;
		assert.equal((await claims(new DefaultAzureCredential())).oid, world.cmk.objectId);
	});
});
