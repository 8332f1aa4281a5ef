// One name server on the loopback: UDP and TCP under one port.
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Responder = (bytes: Buffer, transport: 'udp' | 'tcp') => Buffer | undefined;

export interface DnsServer {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** A free UDP port may be taken for TCP. */
const TRIES = 20;
const IDLE_MILLISECONDS = 10_000;

export async function serveDns(respond: Responder, port = 0): Promise<DnsServer> {
  for (let tries = 1; ; tries++) {
    const datagrams = await listenUdp(respond, port);
    const bound = datagrams.address().port;
    try {
      const { server, connections } = await listenTcp(respond, bound);
      return { host: HOST, port: bound, stop: () => close(datagrams, server, connections) };
    } catch (error) {
      await new Promise<void>((resolve) => datagrams.close(resolve));
      if (port !== 0 || tries === TRIES) throw error;
    }
  }
}

function listenUdp(respond: Responder, port: number): Promise<Datagrams> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const answer = respond(bytes, 'udp');
    // Whoever asked may be gone; a server does not care.
    if (answer) socket.send(answer, from.port, from.address, () => undefined);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, HOST, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function listenTcp(respond: Responder, port: number): Promise<{ server: Server; connections: Set<Socket> }> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MILLISECONDS, () => socket.destroy());
    talk(socket, respond);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      if ((server.address() as AddressInfo).port === port) resolve({ server, connections });
    });
  });
}

/** Each message has its length in front; several may come in one piece, one in several. */
function talk(socket: Socket, respond: Responder): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
      const length = buffered.readUInt16BE(0);
      const answer = respond(buffered.subarray(2, 2 + length), 'tcp');
      buffered = buffered.subarray(2 + length);
      if (!answer) return void socket.destroy();
      const head = Buffer.alloc(2);
      head.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([head, answer]));
    }
  });
}

async function close(datagrams: Datagrams, server: Server, connections: Set<Socket>): Promise<void> {
  for (const socket of connections) socket.destroy();
  await Promise.all([
    new Promise<void>((resolve) => datagrams.close(resolve)),
    new Promise<void>((resolve) => server.close(() => resolve())),
  ]);
}
