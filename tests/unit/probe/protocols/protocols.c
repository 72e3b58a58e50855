/* SPDX-License-Identifier: ISC */
/*
 * What is true of any protocol: its requests are right to the byte, the replies
 * of a good server match, and nothing else does.
 */
#include "unit/probe/protocols/protocols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A loop test has only a number: it stands for the case, and the row in it. */
#define ROWS 64
#define CASES_MAX 32

static const struct protocols_case *cases[CASES_MAX];
static int case_count;

static const struct protocols_case *
case_of(int number)
{
	return cases[number / ROWS];
}

struct protocol_query
protocols_query(uint8_t secret)
{
	static const uint8_t payload[] = "hello";
	struct protocol_query query = {
		.name = ".",
		.payload = payload,
		.payload_length = 5,
		.peer = unit_address("[2001:db8::1]:5060"),
		.size = -1,
	};
	unsigned int i;

	for (i = 0; i < sizeof(query.secret); i++)
		query.secret[i] = (uint8_t)(secret + i);
	return query;
}

size_t
protocols_serve_same(const uint8_t *request, size_t length, uint8_t *reply)
{
	memcpy(reply, request, length);
	return length;
}

bool
protocols_match(const struct protocol *protocol,
    const struct protocol_query *query, const uint8_t *data, size_t length,
    struct protocol_answer *answer)
{
	uint8_t *copy = malloc(length + (length == 0));
	bool good;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, length);
	*answer = (struct protocol_answer){ .bits = 0 };
	good = protocol->match(query, copy, length, answer);
	free(copy);
	return good;
}

size_t
protocols_reply(const struct protocols_case *self,
    const struct protocol_query *query, uint32_t sequence, uint8_t *reply)
{
	static uint8_t request[MH_SLOT_SIZE + 1];
	int length = self->protocol->build(query, sequence, request);

	ck_assert_int_ge(length, 0);
	request[length] = '\0';
	return self->serve(request, (size_t)length, reply);
}

/* Where a target without a port is queried. */
START_TEST(test_registered_port)
{
	const struct protocols_case *self = case_of(_i);

	ck_assert_uint_eq(self->protocol->port, self->port);
	ck_assert(self->protocol->summary[0] != '\0');
	ck_assert_ptr_eq(protocol_find(self->protocol->name), self->protocol);
}
END_TEST

static const uint32_t sequences[] = { 0, 1, 2, 0xff, 0x100, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0xffffffff };

START_TEST(test_reply)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocol_query query = protocols_query(0x80);
	static uint8_t reply[MH_SLOT_SIZE];
	struct protocol_answer answer;
	size_t length, i;
	uint32_t mask;

	for (i = 0; i < LENGTH(sequences); i++) {
		length = protocols_reply(self, &query, sequences[i], reply);
		ck_assert_msg(protocols_match(self->protocol, &query, reply,
				  length, &answer),
		    "number %" PRIu32, sequences[i]);
		ck_assert_uint_eq(answer.bits, self->bits);
		mask = answer.bits == 32 ? UINT32_MAX : (1u << answer.bits) - 1;
		ck_assert_msg(((answer.sequence ^ sequences[i]) & mask) == 0,
		    "%" PRIu32 " is taken for %" PRIu32, sequences[i],
		    answer.sequence);
		ck_assert_str_eq(answer.detail, self->detail);
	}
}
END_TEST

/* A reply to somebody else. */
START_TEST(test_foreign)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocol_query query = protocols_query(0x80);
	const struct protocol_query other = protocols_query(0x31);
	static uint8_t reply[MH_SLOT_SIZE];
	size_t length = protocols_reply(self, &other, 5, reply);
	struct protocol_answer answer;
	bool good =
	    protocols_match(self->protocol, &query, reply, length, &answer);

	if (self->nonce)
		ck_assert(!good);
	else if (good && answer.bits > 0)
		ck_assert_uint_ne(answer.sequence, 5);
}
END_TEST

/* Cut anywhere: no read beyond the end, and no half replies. */
START_TEST(test_cut)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocol_query query = protocols_query(0x80);
	static uint8_t reply[MH_SLOT_SIZE];
	size_t length = protocols_reply(self, &query, 9, reply), i;
	struct protocol_answer answer;

	for (i = 0; i < length; i++)
		ck_assert_msg(!protocols_match(
				  self->protocol, &query, reply, i, &answer) ||
			i >= self->least,
		    "%zu of %zu bytes", i, length);
}
END_TEST

/* A request that comes back is not a reply, where that can be seen. */
START_TEST(test_reflected)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocol_query query = protocols_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	int length = self->protocol->build(&query, 1, request);
	struct protocol_answer answer;

	ck_assert_int_ge(length, 0);
	ck_assert_int_eq(protocols_match(self->protocol, &query, request,
			     (size_t)length, &answer),
	    self->serve == protocols_serve_same);
}
END_TEST

START_TEST(test_request)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocols_request *row = &self->requests[_i % ROWS];
	struct protocol_query query = protocols_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];
	char digits[3];
	size_t i;

	query.name = row->name;
	query.size = row->size;
	memset(request, 0xee, sizeof(request));
	ck_assert_int_eq(
	    self->protocol->build(&query, 0, request), row->length);
	for (i = 0; i < strlen(row->hex) / 2; i++) {
		if (row->hex[2 * i] == '?')
			continue;
		snprintf(digits, sizeof(digits), "%02x", request[i]);
		ck_assert_msg(memcmp(digits, row->hex + 2 * i, 2) == 0,
		    "%s, byte %zu: %s", query.name, i, digits);
	}
	/* Nothing after it. */
	ck_assert_uint_eq(request[row->length], 0xee);
}
END_TEST

START_TEST(test_impossible)
{
	const struct protocols_case *self = case_of(_i);
	struct protocol_query query = protocols_query(0x80);
	static uint8_t request[MH_SLOT_SIZE];

	query.name = self->wrong[_i % ROWS].name;
	query.size = self->wrong[_i % ROWS].size;
	ck_assert_int_eq(
	    self->protocol->build(&query, 0, request), PROTOCOL_WRONG_SIZE);
}
END_TEST

START_TEST(test_edit)
{
	const struct protocols_case *self = case_of(_i);
	const struct protocols_edit *edit = &self->edits[_i % ROWS];
	const struct protocol_query query = protocols_query(0x80);
	static uint8_t reply[MH_SLOT_SIZE];
	struct protocol_answer answer;
	size_t length = protocols_reply(self, &query, 1, reply);
	bool good;

	memcpy(reply + edit->at, edit->bytes, edit->count);
	if (edit->length != 0)
		length = edit->length;
	good = protocols_match(self->protocol, &query, reply, length, &answer);
	ck_assert_msg(good == (edit->detail != NULL), "%s", edit->name);
	if (good)
		ck_assert_msg(edit->detail[0] == '\0'
			? answer.detail[0] == '\0'
			: strncmp(answer.detail, edit->detail,
			      strlen(edit->detail)) == 0,
		    "%s: %s", edit->name, answer.detail);
}
END_TEST

TCase *
protocols_tcase(const struct protocols_case *self)
{
	TCase *tcase = tcase_create(self->protocol->name);
	const int first = case_count * ROWS;

	if (case_count == CASES_MAX)
		abort(); /* no test runs yet that could fail */
	cases[case_count++] = self;
	tcase_add_loop_test(tcase, test_registered_port, first, first + 1);
	tcase_add_loop_test(tcase, test_reply, first, first + 1);
	tcase_add_loop_test(tcase, test_foreign, first, first + 1);
	tcase_add_loop_test(tcase, test_cut, first, first + 1);
	tcase_add_loop_test(tcase, test_reflected, first, first + 1);
	tcase_add_loop_test(
	    tcase, test_request, first, first + (int)self->request_count);
	tcase_add_loop_test(
	    tcase, test_impossible, first, first + (int)self->wrong_count);
	tcase_add_loop_test(
	    tcase, test_edit, first, first + (int)self->edit_count);
	return tcase;
}
