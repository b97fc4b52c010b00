/* Checks: each says what was expected and what came, and ends the case. */
#include "posix-cases.h"
#include "report.h"
#include <stdarg.h>

struct report *report;

void fail(struct place place, const char *format, ...)
{
	va_list arguments;
	int length;

	/* The first failure is the cause of what fails after it, in other processes too. */
	if (!__sync_lock_test_and_set(&report->failed, 1)) {
		length = snprintf(report->why, sizeof(report->why), "%s:%d: ", place.file, place.line);
		va_start(arguments, format);
		vsnprintf(report->why + length, sizeof(report->why) - length, format, arguments);
		va_end(arguments);
	}
	_exit(1);
}

static const char *name_of(int error)
{
	const char *name = error ? strerrorname_np(error) : "success";

	return name ? name : "an unknown errno";
}

long long succeeded(struct place place, const char *call, long long result)
{
	if (result == -1)
		fail(place, "%s: expected success, got %s (%d)", call, name_of(errno), errno);
	return result;
}

void failed_with(struct place place, const char *call, int error, long long result)
{
	if (result != -1)
		fail(place, "%s: expected %s, got success (%lld)", call, name_of(error), result);
	if (errno != error)
		fail(place, "%s: expected %s, got %s (%d)", call, name_of(error), name_of(errno), errno);
}

void holds(struct place place, const char *condition, int value)
{
	if (!value)
		fail(place, "expected %s, and it does not hold", condition);
}

void is(struct place place, const char *what, long long expected, long long value)
{
	if (value != expected)
		fail(place, "%s: expected %lld (0%llo, 0x%llx), got %lld (0%llo, 0x%llx)", what, expected, expected, expected, value,
		     value, value);
}

/* At most 40 bytes, so that they can be printed: TAP is text. */
static const char *printable(const void *bytes, size_t length)
{
	static char texts[2][4 * 40 + 1];
	static int next;
	char *text = texts[next ^= 1], *end = text;
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length && i < 40; i++)
		end += sprintf(end, byte[i] >= ' ' && byte[i] < 127 ? "%c" : "\\x%02x", byte[i]);
	*end = 0;
	return text;
}

void text_is(struct place place, const char *what, const char *expected, const char *value)
{
	if (strcmp(expected, value))
		fail(place, "%s: expected \"%s\", got \"%s\" (%zu bytes)", what, printable(expected, strlen(expected)),
		     printable(value, strlen(value)), strlen(value));
}

void bytes_are(struct place place, const char *what, const void *expected, const void *value, size_t length)
{
	const unsigned char *left = expected, *right = value;

	for (size_t i = 0; i < length; i++)
		if (left[i] != right[i])
			fail(place, "%s: from byte %zu of %zu on, expected \"%s\", got \"%s\"", what, i, length,
			     printable(left + i, length - i < 16 ? length - i : 16), printable(right + i, length - i < 16 ? length - i : 16));
}

void are_zero(struct place place, const char *what, const void *value, size_t length)
{
	const unsigned char *byte = value;

	for (size_t i = 0; i < length; i++)
		if (byte[i])
			fail(place, "%s: expected zeros, got 0x%02x at byte %zu of %zu", what, byte[i], i, length);
}
