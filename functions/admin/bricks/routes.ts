// What BricksLLM's admin server answered on its own port: keys, what they spent, and whether it lives.
import type { Hono } from 'hono';
import type { AdminVariables } from '../problem.ts';
import { addBricksKeys, type BricksKeysDependencies } from './keys.ts';
import { addBricksReports, type BricksReportsDependencies } from './reports.ts';

export function addBricks(app: Hono<AdminVariables>, dependencies: BricksKeysDependencies & BricksReportsDependencies): void {
  app.get('/api/health', (c) => c.json({ status: 'healthy' }));
  addBricksKeys(app, dependencies);
  addBricksReports(app, dependencies);
}
