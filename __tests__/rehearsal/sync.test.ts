// Every situation of sync: a copy by day and by night, and whatever is in its way; somebody reads the standby all the while.
import { describeSituations, situationsOf } from './situations-of.ts';
import { useSmallCloud } from './small-cloud.ts';

/** That one is lived through in a file of its own. */
const SITUATIONS = situationsOf('sync').filter((name) => name !== 'sync/by-snapshot');

describeSituations(useSmallCloud(), SITUATIONS, { always: ['sync/nightly'], inSoak: SITUATIONS });
