// Starts two sandboxes, runs the tests against them (all, or the files named as arguments), stops them; its status is
// the tests'. The second's keys take ten minutes to be deleted and to be recovered, for tests that move its clock.
//
// Node reads NODE_EXTRA_CA_CERTS once, when it starts: so they must be there before the tests' own process.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { startSandbox } from './sandbox.mjs';

const here = import.meta.dirname;
// Variables that steer a credential or a proxy: what the machine at hand has set must not take part.
const foreign = /^(AZURE_|IDENTITY_|IMDS_|MSI_|MSAL_|NODE_OPTIONS$|(HTTP|HTTPS|ALL|NO)_PROXY$)/i;

const named = process.argv.slice(2);
const files =
	named.length > 0
		? named
		: readdirSync(here)
				.filter((f) => f.endsWith('.test.mjs'))
				.sort();
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));

const slowSettings = {
	SANDVAULT_DELETION_DELAY: '600',
	SANDVAULT_KEY_STOCK_2048: '0',
	SANDVAULT_KEY_STOCK_LARGER: '0',
};
const sandboxes = [];
const scratch = mkdtempSync(join(tmpdir(), 'sandvault-test-'));
const authorities = join(scratch, 'authorities.pem');
const endpointsOf = ({ endpoints }) => join(endpoints.data_dir, 'endpoints.json');
let status = 1;
try {
	sandboxes.push(await startSandbox());
	sandboxes.push(await startSandbox(slowSettings));
	writeFileSync(authorities, sandboxes.map(({ endpoints }) => readFileSync(endpoints.ca, 'utf8')).join(''));
	const node = spawn(
		process.execPath,
		// One file at a time: each test process is busy enough with the arithmetic it compares with.
		[
			'--import',
			'./resolve_localhost.mjs',
			'--test',
			'--test-reporter=spec',
			'--test-concurrency=1',
			...files,
		],
		{
			cwd: here,
			stdio: 'inherit',
			env: {
				...env,
				NODE_EXTRA_CA_CERTS: authorities,
				SANDVAULT_TEST_ENDPOINTS: endpointsOf(sandboxes[0]),
				SANDVAULT_TEST_SLOW_ENDPOINTS: endpointsOf(sandboxes[1]),
			},
		},
	);
	[status] = await once(node, 'exit');
} finally {
	const stopped = await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
	if (stopped.includes(false)) {
		status ||= 1;
	}
	rmSync(scratch, { recursive: true });
}
process.exitCode = status ?? 1;
