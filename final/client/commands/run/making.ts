// A container is created; an image that is not here is got first.
//
// - `makeContainer(context, flags, image, command)`   its id; warnings go to standard error
// - `explainRun(…)`   prints what its start would do

import { existsSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Context } from '../../command.ts';
import { ApiFailure, Failure } from '../../failure.ts';
import { printSteps, stepsSchema } from '../own/steps.ts';
import { pullImage } from '../registry/pulling.ts';
import type { RunFlags } from './flags.ts';
import { createBody } from './request.ts';

const created = z.object({ Id: z.string(), Warnings: z.array(z.string()).nullish() });

export async function makeContainer(
  context: Context,
  flags: RunFlags,
  image: string,
  command: readonly string[],
): Promise<string> {
  const { api, err, environment } = context;
  if (flags.cidfile !== undefined) refuseTaken(flags.cidfile);
  const body = createBody(flags, image, command, environment);
  const query = { name: flags.name, platform: flags.platform };
  const post = { method: 'POST', path: '/containers/create', query, body } as const;
  const answer = await withImage(context, flags, image, () => api.json(post));
  const { Id, Warnings } = created.parse(answer);
  for (const warning of Warnings ?? []) err.write(`WARNING: ${warning}\n`);
  if (flags.cidfile !== undefined) keepId(flags.cidfile, Id);
  return Id;
}

/** What a start would do; nothing is left of it. */
export async function explainRun(
  context: Context,
  flags: RunFlags,
  image: string,
  command: readonly string[],
): Promise<number> {
  const body = createBody(flags, image, command, context.environment);
  const query = { name: flags.name, platform: flags.platform };
  const post = { method: 'POST', path: '/slipway/explain', query, body } as const;
  const steps = await withImage(context, flags, image, () => context.api.json(post));
  printSteps(context, stepsSchema.parse(steps));
  return 0;
}

async function withImage(
  context: Context,
  flags: RunFlags,
  image: string,
  ask: () => Promise<unknown>,
): Promise<unknown> {
  const { err } = context;
  if (flags.pull === 'always') await pullImage(context, image, err);
  return ask().catch(async (error: unknown) => {
    const isMissing = error instanceof ApiFailure && error.status === 404;
    if (!isMissing || flags.pull === 'never' || !error.message.includes('No such image'))
      throw error;
    const name = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
    err.write(`Unable to find image '${name}' locally\n`);
    await pullImage(context, image, err);
    return ask();
  });
}

function refuseTaken(path: string): void {
  if (!existsSync(path)) return;
  const remedy = `make sure the other container isn't running or delete ${path}`;
  throw new Failure(`container ID file found, ${remedy}`, 125);
}

function keepId(path: string, id: string): void {
  try {
    writeFileSync(path, id, { flag: 'wx' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(`failed to create the container ID file: ${why}`, 125);
  }
}
