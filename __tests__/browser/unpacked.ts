// The browser that came with `npm ci`, unpacked: its program, the libraries that a bare Linux lacks, and letters to write with.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const ROOT = join(__dirname, '..', '..');
const PROGRAM = 'chromium';

export interface Program {
  readonly path: string;
  /** What it needs to know of where its libraries and letters are; what must be written for that is written into the folder. */
  readonly envIn: (home: string) => Readonly<Record<string, string>>;
}

/** Nine seconds the first time; then it is found where it was unpacked, as packages are. */
export function unpackBrowser(): Program {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`it is for Linux on x64 only`);
  const bundle = resolve(dirname(require.resolve('@sparticuz/chromium')), '..', '..');
  const { version } = JSON.parse(readFileSync(join(bundle, 'package.json'), 'utf8')) as { version: string };
  const folder = join(ROOT, '.rehearsal', 'browsers', version);
  if (!existsSync(folder)) unpack(join(bundle, 'bin'), folder);
  return {
    path: join(folder, PROGRAM),
    envIn: (home) => {
      // Anew for each start: a checkout that was moved since would otherwise be read without letters.
      const fonts = join(home, 'fonts.conf');
      writeFileSync(fonts, fontsOf(folder, home));
      return { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: fonts };
    },
  };
}

function unpack(from: string, folder: string): void {
  const workshop = `${folder}-${process.pid}`;
  try {
    mkdirSync(workshop, { recursive: true });
    writeFileSync(join(workshop, PROGRAM), read(join(from, `${PROGRAM}.br`)), { mode: 0o755 });
    for (const name of ['al2023', 'fonts']) untar(read(join(from, `${name}.tar.br`)), join(workshop, name));
    renameSync(workshop, folder);
  } catch (error) {
    // Another process may have unpacked it meanwhile: its folder is as good.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

const read = (path: string): Buffer => brotliDecompressSync(readFileSync(path));

function untar(archive: Buffer, folder: string): void {
  mkdirSync(folder);
  const { status, error, stderr } = spawnSync('tar', ['-x', '-C', folder], { input: archive });
  if (status !== 0) throw new Error(`tar: ${error?.message ?? stderr.toString('utf8').trim()}`);
}

/** Only these letters, so that a line breaks at the same word on every machine. Open Sans has no arrows: DejaVu lends them. */
function fontsOf(folder: string, home: string): string {
  const dejavu = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const prefer = (family: string, ...fonts: readonly string[]): string =>
    `<alias binding="strong"><family>${family}</family><prefer>` +
    `${fonts.map((font) => `<family>${font}</family>`).join('')}</prefer></alias>`;
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>${join(folder, 'fonts', 'fonts')}</dir>
<dir>${dejavu}</dir>
<cachedir>${join(home, 'fonts-cache')}</cachedir>
${prefer('system-ui', 'Open Sans', 'DejaVu Sans')}
${prefer('sans-serif', 'Open Sans', 'DejaVu Sans')}
${prefer('ui-monospace', 'DejaVu Sans Mono')}
${prefer('monospace', 'DejaVu Sans Mono')}
</fontconfig>
`;
}
