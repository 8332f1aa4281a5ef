// Every situation of sync: a copy by day and by night, and whatever is in its way; somebody reads the standby all the while.
import { describeSituations, situationsOf } from './situations-of.ts';
import { useSmallCloud } from './small-cloud.ts';

const SITUATIONS = situationsOf('sync');

describeSituations(useSmallCloud(), SITUATIONS, { always: ['sync/nightly'], inSoak: SITUATIONS });
