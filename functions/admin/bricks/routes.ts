// What BricksLLM's admin server answered on its own port: keys, what they spent, and whether it lives.
import type { Hono } from 'hono';
import type { AdminVariables } from '../problem.ts';
import { addBricksDataPoints } from './data-points.ts';
import { addBricksEvents } from './events.ts';
import type { EventsDependencies } from './find-events.ts';
import { addBricksKeys, type BricksKeysDependencies } from './keys.ts';
import { addBricksReports, type BricksReportsDependencies } from './reports.ts';

type BricksDependencies = BricksKeysDependencies & BricksReportsDependencies & EventsDependencies;

export function addBricks(app: Hono<AdminVariables>, dependencies: BricksDependencies): void {
  app.get('/api/health', (c) => c.json({ status: 'healthy' }));
  addBricksKeys(app, dependencies);
  addBricksReports(app, dependencies);
  addBricksEvents(app, dependencies);
  addBricksDataPoints(app, dependencies);
}
