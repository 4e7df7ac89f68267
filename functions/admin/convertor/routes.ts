// What the portal of openai-api-convertor answered: keys, prices, mappings, the dashboard, and who is signed in.
import type { Hono } from 'hono';
import type { DeleteKeyDependencies } from '../delete-key.ts';
import type { MappingsDependencies } from '../native/mappings.ts';
import type { AdminVariables } from '../problem.ts';
import { addDashboard, type DashboardDependencies } from './dashboard.ts';
import { addConvertorKeys } from './keys.ts';
import { addConvertorMappings } from './mappings.ts';
import { addConvertorPrices, type ConvertorPricesDependencies } from './prices.ts';
import { addSignIn, type SignInDependencies } from './sign-in.ts';

export type ConvertorDependencies = DashboardDependencies &
  DeleteKeyDependencies &
  MappingsDependencies &
  ConvertorPricesDependencies &
  SignInDependencies;

export function addConvertor(app: Hono<AdminVariables>, dependencies: ConvertorDependencies): void {
  addConvertorKeys(app, dependencies);
  addConvertorPrices(app, dependencies);
  addConvertorMappings(app, dependencies);
  addDashboard(app, dependencies);
  addSignIn(app, dependencies);
}
