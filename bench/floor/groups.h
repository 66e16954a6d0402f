/*
 * Control groups of the floor program, made anew for each container.
 *
 * - `add_group_option`: takes --group=DIRECTORY, --write=PATH=VALUE, --into=DIRECTORY
 * - `make_groups`: the directories, then the writes; -1 if the kernel refused
 * - `group_to_be_born_in`: the one of --into, opened, or -1 without one
 * - `remove_groups`: away with them
 */
#ifndef GROUPS_H
#define GROUPS_H

int add_group_option(const char *option);
int make_groups(void);
int group_to_be_born_in(void);
int remove_groups(void);

#endif
