// The embedded engine alone, in memory, so that what the gateway itself costs can be told from what its database costs.
import { startEngine } from '../local/engine.ts';

const engine = await startEngine();
process.stdout.write(`${JSON.stringify({ url: engine.url })}\n`);
