// Every situation of retention: what expires goes, the last of everything stays, and a person is asked before an instance is gone.
import { describeSituations, greenOf, situationsOf } from './situations-of.ts';
import { useSmallCloud } from './small-cloud.ts';

const SITUATIONS = situationsOf('retention');

describeSituations(useSmallCloud(), SITUATIONS, { always: ['retention/monthly'], inSoak: greenOf(SITUATIONS) });
