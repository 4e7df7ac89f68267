// Composition root of the rollup Lambda, which the journal's stream feeds.
import { createRebuild } from '../core/ledger/rebuild.ts';
import { createRollup } from '../core/ledger/rollup.ts';
import { ROLLUP_VARIABLES, readEnvironment } from '../core/platform/environment.ts';
import { createIds } from '../core/platform/ids.ts';
import { createLog } from '../core/platform/log.ts';
import { createStore } from '../core/store/client.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createBringRecords } from './bring-records.ts';

const environment = readEnvironment(process.env, ROLLUP_VARIABLES);
const clock = Date.now;
const log = createLog((line) => process.stdout.write(`${line}\n`));

// Statements are of the journal alone; its rights end there.
const store = createStore(createDynamoClient(), { accounts: '', journal: environment.JOURNAL_TABLE });
const rebuild = createRebuild({ store, rollup: createRollup({ store }), clock, ids: createIds(clock) });

export const handler = createBringRecords({ rebuild, log });
