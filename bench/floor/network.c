/*
 * Netlink, as far as the floor program needs it: send, and read whether it was done.
 *
 * Sources: netlink(7), rtnetlink(7), linux/netfilter/nfnetlink.h.
 */
#define _GNU_SOURCE
#include "network.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_BYTES = 4096 };

/* They stand in messages where the number of the child's link, the descriptor of its namespace,
 * and the name of our link belong. */
static const unsigned INDEX_TO_COME = 0x7f005c1d;
static const unsigned NAMESPACE_TO_COME = 0x7f005c1e;
static const char NAME_TO_COME[] = "veth-to-come";

static int route = -1, firewall = -1;
static const char *withdraw, *unplug;
/* A cable outlives its container for a moment: each has a name of its own. */
static unsigned round_number;

static int open_netlink(int protocol)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
}

static unsigned nibble(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

static size_t decode(const char *messages, unsigned char *bytes)
{
	size_t length = 0;
	for (; messages[0] != '\0' && length < MOST_BYTES; messages += 2)
		bytes[length++] = nibble(messages[0]) << 4 | nibble(messages[1]);
	return length;
}

static void put(unsigned char *bytes, size_t length, const void *what, size_t size, const void *instead)
{
	unsigned char *place;
	while ((place = memmem(bytes, length, what, size)) != NULL)
		memcpy(place, instead, size);
}

/* The kernel answers while it is sent to: what is not there by then does not come. */
static int all_done(int socket)
{
	_Alignas(struct nlmsghdr) char bytes[MOST_BYTES];
	for (;;) {
		ssize_t got = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
		if (got < 0)
			return errno == EAGAIN ? 0 : -1;
		struct nlmsghdr *header = (struct nlmsghdr *)bytes;
		for (; NLMSG_OK(header, got); header = NLMSG_NEXT(header, got)) {
			struct nlmsgerr *error = NLMSG_DATA(header);
			if (header->nlmsg_type == NLMSG_ERROR && error->error != 0) {
				errno = -error->error;
				return -1;
			}
		}
	}
}

static int talk(int socket, const unsigned char *bytes, size_t length)
{
	return send(socket, bytes, length, 0) != (ssize_t)length || all_done(socket) != 0;
}

static int talk_of(int socket, const char *messages, int namespace)
{
	unsigned char bytes[MOST_BYTES];
	char name[sizeof NAME_TO_COME];
	size_t length = decode(messages, bytes);
	put(bytes, length, &NAMESPACE_TO_COME, sizeof namespace, &namespace);
	snprintf(name, sizeof name, "veth%08u", round_number % 100000000);
	put(bytes, length, NAME_TO_COME, sizeof name, name);
	return talk(socket, bytes, length);
}

int plug_in(const char *messages)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return own < 0 || talk_of(route, messages, own) != 0 || close(own) != 0;
}

int publish(const char *messages)
{
	return talk_of(firewall, messages, -1);
}

int configure(const char *messages)
{
	unsigned char bytes[MOST_BYTES];
	size_t length = decode(messages, bytes);
	unsigned index = if_nametoindex("eth0");
	put(bytes, length, &INDEX_TO_COME, sizeof index, &index);
	int inside = open_netlink(NETLINK_ROUTE);
	return inside < 0 || talk(inside, bytes, length) != 0 || close(inside) != 0;
}

int add_network_option(const char *option)
{
	if (strncmp(option, "--withdraw=", 11) == 0)
		withdraw = option + 11;
	else if (strncmp(option, "--unplug=", 9) == 0)
		unplug = option + 9;
	else
		return 0;
	if (route < 0) {
		route = open_netlink(NETLINK_ROUTE);
		firewall = open_netlink(NETLINK_NETFILTER);
	}
	return 1;
}

/* The cable may have gone already, with the child's namespace. */
int leave_network(void)
{
	int left = (withdraw == NULL || talk_of(firewall, withdraw, -1) == 0) &&
		   (unplug == NULL || talk_of(route, unplug, -1) == 0 || errno == ENODEV);
	round_number++;
	return left ? 0 : -1;
}
