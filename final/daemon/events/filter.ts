// Which events a reader wants: the filters of `docker events`.
//
// - `isWanted(event, filters)`  all filters accept it, each by one of its values
//
// A container, network, volume, plugin or daemon is meant by its id, its name, or the beginning of
// either; an image also by the name in a container's event, with or without its tag.

import { type Filters, hasLabels, oneOf, valuesOf } from '../../api/filters.ts';
import type { Event } from './event.ts';

const named = ['config', 'container', 'daemon', 'network', 'node', 'plugin', 'secret', 'service'];

export function isWanted(event: Event, filters: Filters): boolean {
  if (filters.size === 0) return true;
  return (
    isAction(event, filters) &&
    oneOf(filters, 'type', event.type) &&
    oneOf(filters, 'scope', 'local') &&
    [...named, 'volume'].every(kind => isNamed(event, kind, filters)) &&
    isImage(event, filters) &&
    hasLabels(filters, 'label', event.attributes)
  );
}

/** `exec_create: sh -c true` is meant by `exec_create`. */
function isAction({ action }: Event, filters: Filters): boolean {
  if (oneOf(filters, 'event', action)) return true;
  const [verb = ''] = action.split(': ');
  return verb !== action && valuesOf(filters, 'event').includes(verb);
}

/** Whatever it is that has this name: as in Docker, the kind is no part of the question. */
function isNamed({ id, attributes }: Event, kind: string, filters: Filters): boolean {
  const values = valuesOf(filters, kind);
  if (values.length === 0) return true;
  const { name = '' } = attributes;
  return values.some(one => id.startsWith(one) || name.startsWith(one));
}

function isImage({ type, id, attributes }: Event, filters: Filters): boolean {
  const values = valuesOf(filters, 'image');
  if (values.length === 0) return true;
  const name = (type === 'image' ? attributes['name'] : attributes['image']) ?? '';
  return [id, name, withoutTag(id), withoutTag(name)].some(one => values.includes(one));
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^/:]*$/, '');
}
