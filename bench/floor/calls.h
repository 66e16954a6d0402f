/*
 * What the child of the floor program can do before execve.
 *
 * - `find_call`: the call of an option such as `--proc=/proc`, and where its value begins
 */
#ifndef CALLS_H
#define CALLS_H

/* One system call of the child, or the few that belong together. 0 if the kernel did it. */
typedef int call_function(const char *value);

call_function *find_call(const char *option, const char **value);

#endif
