// Azure's own names: with the environment of `sandvault env --proxy` the SDK needs no option of ours.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { ClientSecretCredential, DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { claimsOf, collect, createWorld, endpoints, program, refusal } from './sandbox.mjs';

const scope = 'https://vault.azure.net/.default';
let world, url;

before(async () => {
	world = await createWorld('sdkjsproxy');
	url = `https://${world.name}.vault.azure.net`;
	// From here on for everything in this process; the authority was trusted when it started.
	Object.assign(
		process.env,
		JSON.parse(
			execFileSync(program('sandvault'), ['env', '--json', '--proxy', '--data-dir', endpoints.data_dir], {
				encoding: 'utf8',
			}),
		),
	);
});

describe('by the proxy', () => {
	test('a client secret opens the vault', async () => {
		const credential = new ClientSecretCredential(
			endpoints.tenant,
			endpoints.client_id,
			endpoints.client_secret,
		);
		const client = new KeyClient(url, credential);
		const key = await client.createRsaKey('k', { keySize: 2048 });
		assert.match(key.id, new RegExp(`^${url}/keys/k/[0-9a-f]{32}$`));
		const crypto = client.getCryptographyClient('k');
		const { result } = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('data key'));
		const unwrapped = await crypto.unwrapKey('RSA-OAEP-256', result);
		assert.equal(Buffer.from(unwrapped.result).toString(), 'data key');
		for (const name of ['a', 'b']) {
			await client.createEcKey(name);
		}
		const names = [];
		for await (const page of client.listPropertiesOfKeys().byPage({ maxPageSize: 1 })) {
			names.push(...page.map((one) => one.name));
		}
		assert.deepEqual(names, ['a', 'b', 'k']);
	});

	test('a managed identity comes from IMDS at its own address', async () => {
		const credential = new ManagedIdentityCredential({ clientId: world.cmk.clientId });
		const claims = claimsOf((await credential.getToken(scope)).token);
		assert.deepEqual([claims.aud, claims.oid], ['https://vault.azure.net', world.cmk.objectId]);
		const client = new KeyClient(url, credential);
		assert.equal((await refusal(() => collect(client.listPropertiesOfKeys()))).status, 403);
	});

	test('the default credential is the administrator', async () => {
		const claims = claimsOf((await new DefaultAzureCredential().getToken(scope)).token);
		assert.equal(claims.appid, endpoints.client_id);
	});
});
