/* SPDX-License-Identifier: ISC */
/*
 * The program by which the kernel chooses among sockets that share a port
 * (SO_ATTACH_REUSEPORT_CBPF).  The whole group has one, whichever socket
 * brings it: socket(7), Documentation/networking/filter.rst of the kernel.  It
 * sees the payload, and what it returns is the socket's number.  The program of
 * a single socket (SO_ATTACH_FILTER) sees the UDP header first, and returns how
 * many bytes to keep.
 */
#include "platform/linux/reuseport.h"

#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

#define WORDS (MH_SHARE_SECRET_SIZE / 4)
#define CODE_MAX 16
#define UDP_HEADER 8

/*
 * Does the payload at this offset have the secret?  The length first, so that
 * others cost two instructions; and no load beyond its end, which would return
 * 0.  If it does not, the next instructions are skipped, as many as that.
 */
static unsigned int
add_match(struct sock_filter *code, const uint8_t *secret, unsigned int offset,
    unsigned int skipped)
{
	unsigned int i, length = 0, end = 2 + 2 * WORDS + skipped;
	const uint8_t *word = secret;
	uint32_t value;

	code[length++] =
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
	code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    offset + MH_SHARE_QUERY_SIZE, 0, (uint8_t)(end - 2));
	for (i = 0; i < WORDS; i++, word += 4) {
		value = (uint32_t)word[0] << 24 | (uint32_t)word[1] << 16 |
		    (uint32_t)word[2] << 8 | word[3];
		code[length++] = (struct sock_filter)BPF_STMT(
		    BPF_LD | BPF_W | BPF_ABS, offset + 4 * i);
		code[length] =
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			value, 0, (uint8_t)(end - length - 1));
		length++;
	}
	return length;
}

/* With the secret: by number. */
static unsigned int
add_secret(struct sock_filter *code, const uint8_t *secret)
{
	unsigned int length = add_match(code, secret, 0, 2);

	code[length++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_H | BPF_ABS, MH_SHARE_SECRET_SIZE);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	return length;
}

/* All others: by processor; or a number that no socket has: as without us. */
static unsigned int
add_others(struct sock_filter *code, unsigned int processors)
{
	if (processors == 0) {
		code[0] =
		    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
		return 1;
	}
	code[0] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_CPU));
	code[1] =
	    (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, processors);
	code[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	return 3;
}

static bool
attach(int fd, int option, struct sock_filter *code, unsigned int length)
{
	struct sock_fprog program;

	/* With its padding, which valgrind would miss. */
	memset(&program, 0, sizeof(program));
	program.len = (unsigned short)length;
	program.filter = code;
	return setsockopt(fd, SOL_SOCKET, option, &program, sizeof(program)) ==
	    0;
}

bool
mh__reuseport_select(int fd, const uint8_t *secret, unsigned int processors)
{
	struct sock_filter code[CODE_MAX];
	unsigned int length = 0;

	if (secret != NULL)
		length = add_secret(code, secret);
	length += add_others(&code[length], processors);
	return attach(fd, SO_ATTACH_REUSEPORT_CBPF, code, length);
}

int
mh__udp_select(struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE],
    unsigned int processors)
{
	return mh__reuseport_select((int)udp->handle, secret, processors)
	    ? 0
	    : MH_EUNSUPPORTED;
}

int
mh__udp_restrict(
    struct mh__udp *udp, const uint8_t secret[MH_SHARE_SECRET_SIZE])
{
	struct sock_filter code[CODE_MAX];
	unsigned int length = add_match(code, secret, UDP_HEADER, 1);

	code[length++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	return attach((int)udp->handle, SO_ATTACH_FILTER, code, length)
	    ? 0
	    : MH_EUNSUPPORTED;
}
