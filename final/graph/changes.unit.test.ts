import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { configSchema, type Config } from '../daemon/containers/record/config.ts';
import { Refusal } from '../engine/refusal.ts';
import { applyChanges } from './changes.ts';

const base: Config = configSchema.parse({
  Env: ['PATH=/bin', 'EMPTY='],
  Cmd: ['one'],
  WorkingDir: '/app',
  ExposedPorts: { '53/udp': {} },
});

function changed(...lines: readonly string[]): Partial<Config> {
  const result = applyChanges(base, lines);
  const entries = Object.entries(result).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(base[key as keyof Config]),
  );
  return Object.fromEntries(entries);
}

function refusal(...lines: readonly string[]): string {
  try {
    return JSON.stringify(changed(...lines));
  } catch (error) {
    if (error instanceof Refusal && error.code === 'INVALID') return error.message;
    throw error;
  }
}

test('each instruction changes its own part', () => {
  const one = changed(
    'CMD ["x","y"]',
    'ENTRYPOINT ["e"]',
    'ENV A=1 B="two words"',
    'EXPOSE 99 100/udp 7000-7001',
    'LABEL l=1',
    'USER daemon',
    'WORKDIR /w',
    'VOLUME /v2 /v3',
    'STOPSIGNAL SIGINT',
    'HEALTHCHECK NONE',
    'ONBUILD RUN true',
  );
  expect(one).toMatchInlineSnapshot(`
    {
      "Cmd": [
        "x",
        "y",
      ],
      "Entrypoint": [
        "e",
      ],
      "Env": [
        "PATH=/bin",
        "EMPTY=",
        "A=1",
        "B=two words",
      ],
      "ExposedPorts": {
        "100/udp": {},
        "53/udp": {},
        "7000/tcp": {},
        "7001/tcp": {},
        "99/tcp": {},
      },
      "Healthcheck": {
        "Interval": undefined,
        "Retries": undefined,
        "StartInterval": undefined,
        "StartPeriod": undefined,
        "Test": [
          "NONE",
        ],
        "Timeout": undefined,
      },
      "Labels": {
        "l": "1",
      },
      "OnBuild": [
        "RUN true",
      ],
      "StopSignal": "SIGINT",
      "User": "daemon",
      "Volumes": {
        "/v2": {},
        "/v3": {},
      },
      "WorkingDir": "/w",
    }
  `);
});

test('a shell’s line, an old ENV, a relative folder, variables', () => {
  expect(changed('cmd shell form')).toEqual({ Cmd: ['/bin/sh', '-c', 'shell form'] });
  expect(changed('ENV A all of   it')).toEqual({ Env: ['PATH=/bin', 'EMPTY=', 'A=all of   it'] });
  expect(changed('WORKDIR rel', 'WORKDIR ../x')).toEqual({ WorkingDir: '/app/x' });
  expect(
    changed('ENV PATH=$PATH:/usr/bin B=\\$A C=\'$A\' D=${NO:-"x y"} E=${PATH:+set}').Env,
  ).toEqual(['PATH=/bin:/usr/bin', 'EMPTY=', 'B=$A', 'C=$A', 'D=x y', 'E=set']);
  expect(changed('ENTRYPOINT ["e"]')).toEqual({ Entrypoint: ['e'], Cmd: null });
  expect(changed('ENV A=1 \\\n B=2', '# nothing', '')).toEqual({
    Env: ['PATH=/bin', 'EMPTY=', 'A=1', 'B=2'],
  });
  expect(changed('HEALTHCHECK --interval=1s --retries=3 CMD test -f /x').Healthcheck).toMatchObject(
    {
      Test: ['CMD-SHELL', 'test -f /x'],
      Interval: 1_000_000_000,
      Retries: 3,
    },
  );
});

test('a command without words is the shell alone, and no instruction at all is refused', () => {
  expect(changed('CMD')).toEqual({ Cmd: ['/bin/sh', '-c'] });
  expect(changed('ENTRYPOINT')).toEqual({ Entrypoint: ['/bin/sh', '-c'], Cmd: null });
  expect(refusal('', '# nothing')).toBe('file with no instructions');
  expect(changed()).toEqual({});
});

test('what is none is refused by name', () => {
  const told = [
    'RUN x',
    'NONSENSE x',
    'USER',
    'USER a b',
    'ENV A',
    'ENV A=1 B',
    'ENV A="x',
    'ENV A=${B',
    'EXPOSE x',
    'EXPOSE 99999',
    'EXPOSE 1/icmp',
    'ONBUILD FROM x',
    'STOPSIGNAL SIG;X',
    'HEALTHCHECK FOO',
    'HEALTHCHECK --interval=x CMD y',
    'VOLUME [""]',
  ].map(line => `${line} = ${refusal(line)}`);
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "RUN x = RUN is not a valid change command
    NONSENSE x = NONSENSE is not a valid change command
    USER = USER requires exactly one argument
    USER a b = {"User":"a b"}
    ENV A = ENV must have two arguments
    ENV A=1 B = Syntax error - can't find = in "B". Must be of the form: name=value
    ENV A="x = unexpected end of statement while looking for matching double-quote
    ENV A=\${B = unsupported modifier or bad name in substitution: \${B
    EXPOSE x = invalid containerPort: x
    EXPOSE 99999 = invalid containerPort: 99999
    EXPOSE 1/icmp = invalid proto: icmp
    ONBUILD FROM x = FROM isn't allowed as an ONBUILD trigger
    STOPSIGNAL SIG;X = invalid signal: SIG;X
    HEALTHCHECK FOO = Unknown type "FOO" in HEALTHCHECK (try CMD)
    HEALTHCHECK --interval=x CMD y = invalid duration "x"
    VOLUME [""] = VOLUME specified can not be an empty string"
  `);
});

test('whatever is written, it is a change or it is refused', () => {
  const name = fc.constantFrom('CMD', 'ENV', 'EXPOSE', 'LABEL', 'VOLUME', 'WORKDIR', 'HEALTHCHECK');
  const piece = fc.constantFrom(
    'a',
    '=',
    '"',
    "'",
    '\\',
    '$',
    '{',
    '}',
    ':-',
    ' ',
    '[',
    ']',
    '/',
    '..',
  );
  const rest = fc.oneof(
    fc.string(),
    fc.array(piece).map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(name, rest, (instruction, text) => {
      expect(typeof refusal(`${instruction} ${text}`)).toBe('string');
    }),
    { numRuns: 2000 },
  );
});
