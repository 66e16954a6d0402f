// Checkpoints about what must not be mounted, or not there.
// - `refusalCheckpoints`: a canary outside of the root tells what got out
// Sources: openat2(2), path_resolution(7).

import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { unless, type Checkpoint, type Subject } from '@slipway/lab/checkpoint.ts';
import { ask, prepareVolumes } from './prepared.ts';

export const refusalCheckpoints: readonly Checkpoint[] = [
  {
    id: 'hostile-target',
    sentence: 'a target that is a link out of the root leads nowhere',
    needs: ['root', 'tool:busybox'],
    examine: hostileTarget,
  },
  {
    id: 'bad-input',
    sentence: 'what cannot be mounted is refused by name, and nothing runs',
    needs: ['root', 'tool:busybox'],
    examine: badInput,
  },
];

/** Links as an image could bring them, and the target that meets them. */
const links: readonly (readonly [link: string, text: string, target: string])[] = [
  ['behind', 'CANARY', '/behind/new'],
  ['absolute', 'CANARY', '/absolute'],
  ['climbing', '../../../../../../..CANARY', '/climbing'],
  ['kernel', '/proc/sys', '/kernel'],
];

async function hostileTarget(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  for (const [link, text, target] of links) {
    const name = text.replace('CANARY', place.canary);
    symlinkSync(name, `${place.root}/${link}`);
    const options = ['-v', `${place.home}:${target}`];
    // What a container that did start would show there.
    const script = `ls ${target} /proc/sys 2> /dev/null; touch ${target}/escaped; true`;
    const { status, stdout, stderr } = await ask(subject, place, options, script);
    unless(
      place.canaryIsAlive() && !readdirSync(place.home).includes('escaped'),
      'followed-link',
      `the target ${target} is a link to ${name}, and a mount or a folder went ` +
        'there\n' +
        'a path of a stranger is opened with openat2(RESOLVE_IN_ROOT), and ' +
        'mounted on by its descriptor.',
    );
    unless(
      status !== 0,
      'link-mounted',
      `the target ${target} is a link to ${name}, and the container started: ${stdout}`,
    );
    unless(
      stderr.includes(target.split('/').slice(0, 2).join('/')),
      'unnamed-refusal',
      `the refusal does not name ${target}: ${stderr.trim() || 'silence'}`,
    );
  }
}

interface Wrong {
  readonly options: readonly string[];
  /** What the refusal has to name. */
  readonly names: string;
  readonly what: string;
}

async function badInput(subject: Subject): Promise<void> {
  await using place = prepareVolumes();
  const { home } = place;
  mkdirSync(`${place.root}/folder`);
  const wrong: readonly Wrong[] = [
    { what: 'no source', options: ['-v', ':/test'], names: ':/test' },
    { what: 'a relative target', options: ['-v', `${home}:test`], names: 'test' },
    { what: 'the root as target', options: ['-v', `${home}:/`], names: ':/' },
    { what: 'an unknown option', options: ['-v', `${home}:/a:shiny`], names: 'shiny' },
    {
      what: 'two mounts on one target',
      options: ['-v', `${home}:/a`, '-v', `${home}/:/a/`],
      names: '/a',
    },
    {
      what: 'a source that is not there',
      options: ['--mount', `type=bind,src=${home}/none,dst=/a`],
      names: `${home}/none`,
    },
    {
      what: 'a file on a folder',
      options: ['-v', `${home}/letter:/folder`],
      names: '/folder',
    },
  ];
  for (const { what, options, names } of wrong) {
    const { status, stderr, stdout } = await ask(
      subject,
      place,
      options,
      'echo started',
    );
    unless(
      status !== 0 && !stdout.includes('started'),
      'accepted',
      `${what} was accepted: ${options.join(' ')}\n` +
        'a mount that was not meant is worse than none: refuse it before anything ' +
        'is made.',
    );
    unless(
      stderr.includes(names),
      'unnamed',
      `${what} is refused without naming it (${names}): ${stderr.trim() || 'silence'}`,
    );
  }
}
