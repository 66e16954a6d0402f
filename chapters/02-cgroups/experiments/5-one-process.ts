// Experiment 5: the single-process model. The application is process 1, and pays for
// it.
//
// Sources: pid_namespaces(7), wait(2), kill(2); the classic texts' "single process".

import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { openContainer, run, type Container } from './apparatus/container-shell.ts';

const own = ['--pid', '--mount'];
const needs = ['root', 'native', 'tool:busybox', 'tool:pgrep'] as const;

export const signals = experiment(
  'signals',
  'Process 1 does not hear',
  needs,
  async lab => {
    lab.say(
      'docker stop sends SIGTERM, waits ten seconds, and kills. Why does it so often ' +
        'wait all ten? Ask a sleeping process 1 to end:',
    );
    const flags = [...own, '--no-proc-view'];
    const plain = await openContainer(lab, flags, ['busybox', 'sh']);
    await lab.shell`kill -TERM ${plain.pid}`;
    const [alive = 'silent'] = await plain.ask('echo still here');
    await plain.ask("trap 'exit 5' TERM");
    await lab.shell`kill -TERM ${plain.pid}`;
    await plain.ask('echo a shell runs its trap before its next command');
    const status = await plain.ended;
    lab.say(
      'Process 1 gets only the signals for which it has set a handler. Sleep, and ' +
        'most programs, have set none. With --init a small program is process 1, has ' +
        'all handlers, and passes on what it gets:',
    );
    const behind = await openContainer(lab, [...flags, '--init'], ['busybox', 'sh']);
    await lab.shell`kill -TERM ${behind.pid}`;
    const passedOn = await behind.ended;
    lab.expect({
      claim: 'without a handler SIGTERM does nothing to process 1, with one it does',
      expected: 'still here, then status 5',
      observed: `${alive}, then status ${status}`,
      holds: alive === 'still here' && status === 5,
    });
    lab.expect({
      claim: 'behind --init the same application ends by SIGTERM',
      expected: 'status 143 (128 + 15)',
      observed: `status ${passedOn}`,
      holds: passedOn === 143,
    });
  },
);

export const zombies = experiment(
  'zombies',
  'Who takes the orphans',
  [...needs, 'tool:sleep'],
  async lab => {
    lab.say(
      'A process whose parent has ended becomes a child of process 1, and when it ' +
        'ends, process 1 has to ask for its status. sleep does not know that it has ' +
        'children:',
    );
    const flags = [...own, '--no-proc-view'];
    const without = await orphans(lab, flags);
    const withInit = await orphans(lab, [...flags, '--init']);
    lab.expect({
      claim: 'without a reaper the dead stay in the table, with --init they do not',
      expected: '3 zombies, then 0',
      observed: `${without} zombies, then ${withInit}`,
      holds: without === 3 && withInit === 0,
    });
  },
);

/** A shell that makes orphans and becomes sleep; the zombies that it has then. */
async function orphans(lab: Lab, flags: readonly string[]): Promise<number> {
  const { stdout } = await lab.shell`npx tsx ${run} ${flags} \\
    -- sh -c '
    (sleep 1; ps -o stat=,args=) &
    for i in 1 2 3; do (sleep 0.2 & ); done
    exec sleep 2'`;
  return stdout.split('\n').filter(line => line.startsWith('Z')).length;
}

export const together = experiment('together', 'One life for all', needs, async lab => {
  lab.say('Two applications want to live in one container. So process 1 is a shell:');
  const flags = [...own, '--no-proc-view'];
  const container = await openContainer(lab, flags, ['busybox', 'sh']);
  await container.ask('busybox sleep 1001 & busybox sleep 1002 &');
  await container.ask('busybox ps -o pid,ppid,args | grep -v grep');
  await endOne(lab, container);
  lab.say('Now process 1 itself ends:');
  await lab.shell`kill -9 ${container.pid}; sleep 0.3`;
  const status = await container.ended;
  const others = await left(lab);
  lab.expect({
    claim: 'when process 1 ends, everything in its PID namespace is killed',
    expected: 'status 137, nothing left',
    observed: `status ${status}, ${others}`,
    holds: status === 137 && others === 'nothing left',
  });
});

/** The container runs, and an application in it is long dead. */
async function endOne(lab: Lab, container: Container): Promise<void> {
  await container.ask('kill $(pgrep -xf "busybox sleep 1001")');
  await pause(200);
  const seen = await container.ask('pgrep -xf "busybox sleep 100[12]"');
  lab.say(
    'One of the two has ended, and whoever looks at the container from outside sees ' +
      'it run. That is why a container holds one application, or a process 1 that ' +
      'knows its children (systemd, supervisord).',
  );
  lab.expect({
    claim: 'an application can be dead in a container that is alive',
    expected: '1 of 2 left',
    observed: `${seen.length} of 2 left`,
    holds: seen.length === 1,
  });
}

async function left(lab: Lab): Promise<string> {
  const { stdout } = await lab.shell`pgrep -cxf "busybox sleep 100[12]"`;
  return stdout.trim() === '0' ? 'nothing left' : `${stdout.trim()} left`;
}
