// What every act of a copy stands on.
import type { S3Client } from '@aws-sdk/client-s3';
import type { CopyOrder } from '../../../ports.ts';
import { NO_FILE, openDumpFile, type DumpSink } from '../../dump-file.ts';
import type { Login } from '../session.ts';

export interface Ground {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly source: Login;
  readonly target: Login;
}

/** A file of the copy's, under that name, where the estate keeps any. */
export const fileOf = ({ s3, bucket }: Ground, { dump }: CopyOrder, name: string): Promise<DumpSink> =>
  dump === null ? Promise.resolve(NO_FILE) : openDumpFile(s3, bucket, `${dump}/${name}.sql.gz`);

/** What a file of the trail needs to be read back by psql, in the order of their names. */
export const headerOf = (path: string): string => `SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = off;
SET xmloption = content;
SET row_security = off;
SET search_path = ${path};

`;
