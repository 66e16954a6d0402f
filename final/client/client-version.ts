// Our own version: what the package says.
//
// - `clientVersion`

import manifest from '../package.json' with { type: 'json' };

export const clientVersion = manifest.version;
