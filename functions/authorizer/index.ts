// Composition root of the authorizer Lambda, which API Gateway asks before it lets anybody to the JSON APIs.
import { createAuthorize } from '../core/access/authorize.ts';
import { createFindKey } from '../core/access/find-key.ts';
import { createVerifyToken } from '../core/access/oidc.ts';
import { AUTHORIZER_VARIABLES, readEnvironment, readOidc } from '../core/platform/environment.ts';
import { createLog } from '../core/platform/log.ts';
import { createReadSecret } from '../core/platform/secrets.ts';
import { createStore } from '../core/store/client.ts';
import { COPY_LIFE_MS, createCopies } from '../core/store/copies.ts';
import { createDynamoClient } from '../core/store/dynamo.ts';
import { createDecide } from './decide.ts';
import { createMasterKey } from './master-key.ts';

const environment = readEnvironment(process.env, AUTHORIZER_VARIABLES);
const oidc = readOidc(process.env);
const clock = Date.now;
const log = createLog((line) => process.stdout.write(`${line}\n`));

// It reads keys and no journal; its rights end at the accounts table.
const dynamo = createDynamoClient();
const store = createStore(dynamo, { accounts: environment.ACCOUNTS_TABLE });
const keys = createFindKey({ store, copies: createCopies(clock, COPY_LIFE_MS), clock });

const readSecret = createReadSecret(dynamo.config, process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER);
const masterKey = createMasterKey(() => readSecret(environment.MASTER_KEY_SECRET_ARN), clock);

const authorize = createAuthorize({
  keys,
  masterKey: masterKey.current,
  renewMasterKey: masterKey.renew,
  verifyToken: oidc && createVerifyToken(oidc, clock),
  clock,
});

export const handler = createDecide({ authorize, clock, log });
