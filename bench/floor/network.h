/*
 * The network of a container, in messages that were encoded before: all that is left to do is to
 * send them, and to read what the kernel says.
 *
 * - `add_network_option`: takes --withdraw=MESSAGES and --unplug=MESSAGES
 * - `leave_network`: sends both; -1 if the kernel refused. Nothing happens without the options
 * - `plug_in`, `configure`, `publish`: calls of the child, see calls.c
 *
 * MESSAGES are hexadecimal. The child is told nothing by its parent and asks it nothing: the
 * parent's sockets, which it has too, are of the host's namespace; its own is of the new one.
 */
#ifndef NETWORK_H
#define NETWORK_H

int add_network_option(const char *option);
int leave_network(void);

/* By the host's socket for links: the cable. The process numbered 1 in it is the child itself. */
int plug_in(const char *messages);
/* By a socket of the child's own: addresses and routes. INDEX_TO_COME is where its link stands. */
int configure(const char *messages);
/* By the host's socket for the firewall: published ports. */
int publish(const char *messages);

#endif
