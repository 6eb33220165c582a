import { endpoints } from './sandbox.mjs';
import { managedIdentityTests } from './managed_identity_cases.mjs';

managedIdentityTests('IMDS', 'sdkjsimds', {
	AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoints.imds,
});
