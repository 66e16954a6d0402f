/**
 * Chapter 06: two containers talk over a bridge, and a cable goes with its container.
 */
import { existsSync } from 'node:fs';
import { endMarked, removeLink } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { isThere, markedBy, noteOf } from '../../../sight/marked.ts';
import { endsIn, inNetwork, isUp, portsOf } from '../../../sight/networks.ts';
import { sharesView, viewOf } from '../../../sight/views.ts';

const marked = (scene: Scene, mark: 'LEFT' | 'RIGHT') => markedBy(mark, scene.words['name'] ?? '');
const bridgeOf = ({ words }: Scene): string => words['bridge'] ?? '';
const pidOf = (note: string | undefined): number => Number((note ?? '').split('.')[0]);

function two(scene: Scene): Seen {
  const apart = (mark: 'LEFT' | 'RIGHT') =>
    marked(scene, mark).filter(({ pid }) => !sharesView(pid, 'net'));
  for (const mark of ['LEFT', 'RIGHT'] as const) {
    if (marked(scene, mark).length === 0) return hint('nobody', { mark });
    if (apart(mark).length === 0) return hint('same-network', { mark });
  }
  const [left, right] = [apart('LEFT')[0], apart('RIGHT')[0]];
  if (left === undefined || right === undefined) return hint('nobody', { mark: 'LEFT' });
  if (viewOf(left.pid, 'net') === viewOf(right.pid, 'net')) return hint('shared');
  scene.notes['left'] = noteOf(left);
  scene.notes['right'] = noteOf(right);
  return done;
}

function plugged(scene: Scene): Seen {
  const { notes } = scene;
  if (!isThere(notes['left']) || !isThere(notes['right'])) return hint('ended');
  const bridge = bridgeOf(scene);
  if (!existsSync(`/sys/class/net/${bridge}`)) return hint('no-bridge');
  const ports = portsOf(bridge);
  if (ports === undefined) return hint('no-switch');
  for (const side of ['left', 'right'] as const) {
    const ends = endsIn(pidOf(notes[side]));
    if (ends.length === 0) return hint('no-cable', { side: side.toUpperCase() });
    const port = ports.find(one => ends.includes(one.index));
    if (port === undefined) return hint('not-plugged', { side: side.toUpperCase() });
    notes[`${side}Port`] = port.name;
  }
  return done;
}

function talk(scene: Scene): Seen {
  const { words, notes } = scene;
  if (!isThere(notes['left']) || !isThere(notes['right'])) return hint('ended');
  for (const side of ['left', 'right'] as const) {
    const shown = inNetwork(pidOf(notes[side]), ['ip', '-4', '-o', 'address']);
    if (!shown.includes(` ${words[side]}/`))
      return hint('no-address', { side: side.toUpperCase() });
  }
  const links = [bridgeOf(scene), notes['leftPort'] ?? '', notes['rightPort'] ?? ''];
  const down = links.find(link => existsSync(`/sys/class/net/${link}`) && !isUp(link));
  if (down !== undefined) return hint('down', { link: down });
  const ping = ['busybox', 'ping', '-c', '1', '-W', '1', words['right'] ?? ''];
  return inNetwork(pidOf(notes['left']), ping).includes('1 packets received')
    ? done
    : hint('no-answer');
}

function cable({ notes }: Scene): Seen {
  if (isThere(notes['left'])) return hint('still-running');
  if (existsSync(`/sys/class/net/${notes['leftPort']}`)) return hint('cable-left');
  return isThere(notes['right']) ? done : hint('both-ended');
}

function gone(scene: Scene): Seen {
  if (isThere(scene.notes['right'])) return hint('right-running');
  return existsSync(`/sys/class/net/${bridgeOf(scene)}`) ? hint('bridge-left') : done;
}

const inside = (mark: string, command: string): string =>
  `nsenter -t $(pgrep -xf "sleep ${mark}") --net ${command}`;

const cableTo = (end: string, mark: string): string =>
  `ip link add {bridge}${end} master {bridge} type veth ` +
  `peer name eth0 netns $(pgrep -xf "sleep ${mark}")`;

export const bridge: Unit = {
  id: '06-network/bridge',
  needs: ['root', 'tool:ip', 'tool:unshare', 'tool:nsenter', 'tool:busybox'],
  draw: draw => {
    const net = `10.${draw.between(100, 250)}.${draw.between(1, 250)}`;
    const hosts = {
      left: `${net}.${draw.between(2, 99)}`,
      right: `${net}.${draw.between(100, 250)}`,
    };
    return { name: draw.name(), bridge: draw.name(), ...hosts };
  },
  tasks: [
    {
      id: 'two',
      look: two,
      solve: ['LEFT={name} unshare --net sleep 7001 &', 'RIGHT={name} unshare --net sleep 7002 &'],
      wrong: [
        { type: ['LEFT={name} sleep 7001 &'], sees: 'same-network', undo: ['kill $!; wait $!'] },
        {
          type: ['LEFT={name} RIGHT={name} unshare --net sleep 7001 &'],
          sees: 'shared',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
    {
      id: 'plugged',
      look: plugged,
      solve: ['ip link add {bridge} type bridge', cableTo('l', '7001'), cableTo('r', '7002')],
      wrong: [
        {
          type: ['ip link add {bridge} type veth peer name {bridge}x'],
          sees: 'no-switch',
          undo: ['ip link delete {bridge}'],
        },
        {
          type: [
            'ip link add {bridge} type bridge',
            cableTo('l', '7001').replace('master {bridge} ', ''),
          ],
          sees: 'not-plugged',
          undo: ['ip link delete {bridge}l; ip link delete {bridge}'],
        },
      ],
    },
    {
      id: 'talk',
      look: talk,
      solve: [
        inside('7001', 'ip address add {left}/24 dev eth0'),
        inside('7002', 'ip address add {right}/24 dev eth0'),
        inside('7001', 'ip link set eth0 up'),
        inside('7002', 'ip link set eth0 up'),
        'for link in {bridge} {bridge}l {bridge}r; do ip link set $link up; done',
      ],
      wrong: [
        {
          type: [
            inside('7001', 'ip address add {left}/24 dev eth0'),
            inside('7002', 'ip address add {right}/24 dev eth0'),
          ],
          sees: 'down',
          undo: [
            inside('7001', 'ip address flush dev eth0'),
            inside('7002', 'ip address flush dev eth0'),
          ],
        },
      ],
    },
    {
      id: 'cable',
      look: cable,
      solve: ['kill $(pgrep -xf "sleep 7001")'],
    },
    {
      id: 'gone',
      look: gone,
      solve: ['kill $(pgrep -xf "sleep 7002"); ip link delete {bridge}'],
    },
  ],
  restore: async ({ words }) => {
    for (const mark of ['LEFT', 'RIGHT']) await endMarked(mark, words['name'] ?? '');
    removeLink(words['bridge'] ?? '');
  },
};
