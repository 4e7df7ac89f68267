// Large texts: S3's wire as a server that checks each signature sees it, and the folder of one machine.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bodies, bodyName } from '../../../functions/core/conversations/bodies.ts';
import { createS3Bodies } from '../../../functions/core/conversations/s3-bodies.ts';
import { createDynamoClient } from '../../../functions/core/store/dynamo.ts';
import { createFolderBodies } from '../../../local/bodies.ts';
import { type BlobServer, startBlobServer } from '../../support/blob-server.ts';

const NAME = bodyName('30d/', 'key_a', 'req_b');
const BYTES = Buffer.from(JSON.stringify({ text: 'dépôt 📦'.repeat(20_000) }));

let server: BlobServer;
let folder: string;
beforeAll(async () => {
  server = await startBlobServer();
  folder = mkdtempSync(join(tmpdir(), 'outcrop-bodies-'));
});
afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  server.asked.length = 0;
  server.troubles.length = 0;
});

function s3Of(secretAccessKey: string): Bodies {
  const client = createDynamoClient({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey } });
  return createS3Bodies(client.config, 'bodies', server.url);
}

describe.each([
  ['S3', () => s3Of('test')],
  ['a folder', () => createFolderBodies(folder)],
])('%s', (_kind, open) => {
  test('gives back what was put, replaces it, and is rid of it', async () => {
    const bodies = open();
    expect(await bodies.get(NAME)).toBeUndefined();
    await bodies.put(NAME, BYTES);
    expect(Buffer.from((await bodies.get(NAME))!).equals(BYTES)).toBe(true);
    await bodies.put(NAME, Buffer.from('{}'));
    expect(Buffer.from((await bodies.get(NAME))!).toString()).toBe('{}');
    await bodies.remove(NAME);
    expect(await bodies.get(NAME)).toBeUndefined();
    await bodies.remove(NAME);
  });
});

describe('S3', () => {
  test('is asked by bucket and name, signed, the body hashed', async () => {
    await s3Of('test').put(NAME, BYTES);
    expect(server.asked).toEqual([`PUT /bodies/${NAME} 200`]);
  });

  test('refuses another secret, which is not tried again', async () => {
    await expect(s3Of('wrong').put(NAME, BYTES)).rejects.toThrow('S3 answered 403 to PUT of a text.');
    expect(server.asked).toHaveLength(1);
  });

  test('is asked again when it is busy, three times in all', async () => {
    server.troubles.push(503, 500);
    await s3Of('test').put(NAME, BYTES);
    expect(server.asked.map((line) => line.split(' ').at(-1))).toEqual(['503', '500', '200']);
    server.troubles.push(503, 503, 503, 503);
    await expect(s3Of('test').get(NAME)).rejects.toThrow('S3 answered 503 to GET of a text.');
  });
});

test('files are of their owner alone', async () => {
  await createFolderBodies(folder).put(NAME, BYTES);
  const path = join(folder, '30d/key_a');
  expect(readdirSync(path)).toEqual(['req_b']);
  expect(statSync(join(path, 'req_b')).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test.each(['..', 'a b', '', 'x/../../y', 'a?b'])('an id that is none makes no name: %j', (id) => {
  expect(() => bodyName('30d/', 'key_a', id)).toThrow('has characters that no id has');
});
