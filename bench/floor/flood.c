/*
 * Both ends of a stream, as fast as the kernel allows.
 *
 *   flood BYTES   writes lines of 80 bytes, many in one call
 *   flood         reads to the end and throws away
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 80, PIECE = LINE * 4096 };
static char piece[PIECE];

int main(int argc, char **argv)
{
	if (argc < 2) {
		while (read(0, piece, sizeof piece) > 0)
			;
		return 0;
	}
	memset(piece, 'x', sizeof piece);
	for (int at = LINE - 1; at < PIECE; at += LINE)
		piece[at] = '\n';
	for (long left = atol(argv[1]); left > 0;) {
		long wanted = left < PIECE ? left : PIECE;
		long written = write(1, piece, wanted);
		if (written <= 0)
			return 1;
		/* What was written in part goes on in the middle of a line: nobody counts lines here. */
		left -= written;
	}
	return 0;
}
