// The estate that was built into this bundle; a changed estate.yml is a new deployment.
import { Estate } from '../../estate.ts';

/** Put in by esbuild.config.ts, and only into bundles that ask for it. */
declare const PACKAGED_ESTATE: unknown;

let estate: Estate | undefined;

export const packagedEstate = (): Estate => (estate ??= Estate.parse(PACKAGED_ESTATE));
