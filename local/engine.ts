// The embedded DynamoDB: dynalite in this process, its data in a folder, reached by the unmodified SDK client over loopback.
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

export type Engine = { url: string; close(): Promise<void> };

/** Starts the engine on a free loopback port. Without a folder everything is in memory. */
export async function startEngine(folder?: string): Promise<Engine> {
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
