// As much of Secrets Manager as the functions ask for: values by ARN.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Secrets = { url: string; stop(): void };

export async function startSecrets(values: Record<string, string>): Promise<Secrets> {
  const server = createServer(async (request, response) => {
    const { SecretId, VersionStage = 'AWSCURRENT' } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const SecretString = VersionStage === 'AWSCURRENT' ? values[SecretId] : undefined;
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (SecretString === undefined) return void response.writeHead(400).end('{"__type":"ResourceNotFoundException"}');
    response.end(JSON.stringify({ ARN: SecretId, SecretString }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
