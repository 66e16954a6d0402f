/*
 * What a container's root is made of, anew for each container.
 *
 * - `add_root_option`: takes the options below
 * - `make_root`: all of it, in the order of the command line; -1 if the kernel refused
 * - `remove_root`: away with it, in the reverse order
 * - `attach_mount`: a call of the child, see calls.c
 *
 *   --folder=PATH, --file=PATH=TEXT     gone afterwards
 *   --overlay=UPPER,WORK,LOWER:LOWER    a mount that hangs nowhere, by its number: the first is 0
 *   --text=TEXT                         the same: a file in memory
 *   --volume=FOLDER                     the same: FOLDER/_data; FOLDER is claimed meanwhile
 */
#ifndef ROOT_H
#define ROOT_H

int add_root_option(const char *option);
int make_root(void);
int remove_root(void);

/* NUMBER,TARGET: hangs a mount into the root, or at / as the root itself. 0 if the kernel did it. */
int attach_mount(const char *value);

#endif
