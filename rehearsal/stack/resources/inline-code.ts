// `Code.ZipFile`: source written into the template, which CloudFormation zips as `index` before Lambda sees it.
import { crc32 } from 'node:zlib';

/** 1980-01-01, the first day a zip can name: the same text gives the same bytes. */
const DATE = 0x0021;

export function inlineCode(source: string, runtime: string): Uint8Array {
  const name = Buffer.from(runtime.startsWith('python') ? 'index.py' : 'index.js');
  const data = Buffer.from(source);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(DATE, 8);
  shared.writeUInt32LE(crc32(data), 10);
  shared.writeUInt32LE(data.length, 14);
  shared.writeUInt32LE(data.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name, data]);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), shared, entryTail(), name]);
  return Buffer.concat([local, entry, endOf(entry.length, local.length)]);
}

/** No comment, first disk, a plain file anyone may read, at offset 0. */
function entryTail(): Buffer {
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  return tail;
}

function endOf(entrySize: number, entryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entrySize, 12);
  end.writeUInt32LE(entryOffset, 16);
  return end;
}
