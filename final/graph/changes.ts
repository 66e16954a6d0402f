// Changes to what an image runs with: `docker commit -c`, `docker import -c`.
//
// - `applyChanges(config, lines)`: → the changed configuration
// - `instructionsOf(lines)`: the lines joined and cut as a Dockerfile is
//
//     CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR
//
// Only these change no files. They are the instructions of a Dockerfile, with its words
// (changes/words.ts); variables come from the configuration's own environment as it is by then.
// Source: Dockerfile reference.

import { posix } from 'node:path';
import { parseSignal } from '../daemon/containers/create/signals.ts';
import type { Config } from '../daemon/containers/record/config.ts';
import { invalid } from '../engine/refusal.ts';
import { healthcheckOf } from './changes/healthcheck.ts';
import { commandOf, listOf, meaning, rawWords, type Environment } from './changes/words.ts';

export interface Instruction {
  /** As it was written. */
  readonly name: string;
  readonly rest: string;
}

/** @throws Refusal INVALID in Docker's words */
export function applyChanges(config: Config, lines: readonly string[]): Config {
  const instructions = instructionsOf(lines);
  if (lines.length > 0 && instructions.length === 0) throw invalid('file with no instructions');
  for (const { name } of instructions) {
    if (!Object.hasOwn(changes, name.toUpperCase())) {
      throw invalid(`${name} is not a valid change command`);
    }
  }
  let changed = config;
  for (const { name, rest } of instructions) {
    const command = name.toUpperCase();
    if (rest === '') refuseEmpty(command);
    const delta = changes[command as keyof typeof changes](rest, changed);
    changed = Object.assign({}, changed, delta);
  }
  const said = new Set(instructions.map(({ name }) => name.toUpperCase()));
  // A command was meant for the entry point that it came with.
  return said.has('ENTRYPOINT') && !said.has('CMD') ? { ...changed, Cmd: null } : changed;
}

/** A command without words is the shell alone. */
function refuseEmpty(command: string): void {
  if (command === 'CMD' || command === 'ENTRYPOINT') return;
  const isOne = ['STOPSIGNAL', 'USER', 'WORKDIR'].includes(command);
  throw invalid(`${command} requires ${isOne ? 'exactly' : 'at least'} one argument`);
}

/** A line that ends in `\` goes on; empty ones and comments say nothing. */
function instructionsOf(lines: readonly string[]): readonly Instruction[] {
  return lines
    .join('\n')
    .replaceAll(/\\[ \t]*\r?\n/g, '')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
      return { name, rest };
    });
}

type Change = (rest: string, config: Config) => Partial<Config>;

const changes = {
  CMD: (rest, config) => ({ Cmd: commandOf(rest, shellOf(config)) }),
  ENTRYPOINT: (rest, config) => ({ Entrypoint: commandOf(rest, shellOf(config)) }),
  ENV: (rest, config) => {
    const env = new Map(environmentOf(config));
    for (const [name, value] of pairs('ENV', rest, environmentOf(config))) env.set(name, value);
    return { Env: [...env].map(([name, value]) => `${name}=${value}`) };
  },
  EXPOSE: (rest, config) => {
    const words = rawWords(rest).flatMap(word => meaning(word, environmentOf(config)).split(/\s+/));
    return { ExposedPorts: { ...config.ExposedPorts, ...named(words.flatMap(portsOf)) } };
  },
  HEALTHCHECK: rest => ({ Healthcheck: healthcheckOf(rest) }),
  LABEL: (rest, config) => ({
    Labels: {
      ...config.Labels,
      ...Object.fromEntries(pairs('LABEL', rest, environmentOf(config))),
    },
  }),
  ONBUILD: (rest, config) => ({ OnBuild: [...(config.OnBuild ?? []), trigger(rest)] }),
  STOPSIGNAL: (rest, config) => ({ StopSignal: signalOf(meaning(rest, environmentOf(config))) }),
  USER: (rest, config) => ({ User: meaning(rest, environmentOf(config)) }),
  VOLUME: (rest, config) => {
    const env = environmentOf(config);
    const volumes = (listOf(rest) ?? rawWords(rest)).map(word => meaning(word, env).trim());
    if (volumes.includes('')) throw invalid('VOLUME specified can not be an empty string');
    return { Volumes: { ...config.Volumes, ...named(volumes) } };
  },
  WORKDIR: (rest, config) => {
    const wanted = posix.join('/', config.WorkingDir, '.');
    const path = meaning(rest, environmentOf(config));
    return { WorkingDir: posix.resolve(wanted, path) };
  },
} satisfies Readonly<Record<string, Change>>;

function shellOf({ Shell }: Config): readonly string[] {
  return Shell ?? ['/bin/sh', '-c'];
}

/** In the order of its first mention. */
function environmentOf({ Env }: Config): Environment {
  return new Map(
    (Env ?? []).map(one => {
      const [name = '', ...value] = one.split('=');
      return [name, value.join('=')];
    }),
  );
}

/** `a=b c="d e"`, or one name and all that follows it. */
function pairs(what: string, rest: string, env: Environment): readonly [string, string][] {
  const words = rawWords(rest);
  if (!(words[0] ?? '').includes('=')) {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/s.exec(rest) ?? [];
    if (name === '') throw invalid(`${what} must have two arguments`);
    return [[meaning(name, env), meaning(value, env)]];
  }
  return words.map(word => {
    const equals = word.indexOf('=');
    const form = 'Must be of the form: name=value';
    if (equals === -1)
      throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. ${form}`);
    const name = meaning(word.slice(0, equals), env);
    if (name === '') throw invalid(`${what} names can not be blank`);
    return [name, meaning(word.slice(equals + 1), env)];
  });
}

/** `80`, `80/udp`, `80-82/tcp`: each port with its protocol. */
function portsOf(text: string): readonly string[] {
  const [, first = '', last = first, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/([a-zA-Z]+))?$/.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last || first);
  if (first === '' || to < from || to > 65_535) throw invalid(`invalid containerPort: ${text}`);
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) {
    throw invalid(`invalid proto: ${protocol}`);
  }
  const count = to - from + 1;
  return Array.from({ length: count }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

function named(keys: readonly string[]): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(keys.map(key => [key, {}]));
}

function trigger(rest: string): string {
  const name = (rest.split(/\s/, 1)[0] ?? '').toUpperCase();
  if (name === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === 'FROM' || name === 'MAINTAINER') {
    throw invalid(`${name} isn't allowed as an ONBUILD trigger`);
  }
  return rest;
}

function signalOf(text: string): string {
  if (parseSignal(text) !== undefined) return text;
  throw invalid(`invalid signal: ${text}`);
}
