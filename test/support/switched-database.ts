// An engine behind a door of its own that a test can close: then connections break and none are taken, as with a database that is away.
import { connect, createServer, type Socket } from 'node:net';
import { startEngine } from '../../local/engine.ts';

export type Door = { url: string; goAway(): void; comeBack(): void; close(): Promise<void> };

export async function startSwitchedDatabase(): Promise<Door> {
  const engine = await startEngine();
  const door = await openDoor(engine.url);
  const close = async () => {
    await door.close();
    await engine.close();
  };
  return { ...door, close };
}

/** Another address of what listens on loopback. */
export async function openDoor(to: string): Promise<Door> {
  const port = Number(new URL(to).port);
  const sockets = new Set<Socket>();
  let isAway = false;
  const door = createServer((socket) => {
    if (isAway) return void socket.destroy();
    const inner = connect(port, '127.0.0.1');
    for (const one of [socket, inner]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        inner.destroy();
      });
    }
    socket.pipe(inner).pipe(socket);
  });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(door.address() as { port: number }).port}`,
    goAway() {
      isAway = true;
      breakAll();
    },
    comeBack() {
      isAway = false;
    },
    async close() {
      breakAll();
      await new Promise((resolve) => door.close(resolve));
    },
  };
}
