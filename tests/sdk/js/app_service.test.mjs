import { endpoints } from './sandbox.mjs';
import { managedIdentityTests } from './managed_identity_cases.mjs';

managedIdentityTests('App Service', 'sdkjsapp', {
	IDENTITY_ENDPOINT: endpoints.env.IDENTITY_ENDPOINT,
	IDENTITY_HEADER: endpoints.env.IDENTITY_HEADER,
});
