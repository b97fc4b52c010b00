/* Names of 255 bytes, whatever they are made of; and names that differ in little. */
#include "posix-cases.h"

/* A name of `part` again and again, as often as it fits into 255 bytes, filled up with 'x'; lives as file and directory. */
static void fits(const char *part)
{
	char name[256], one_more[257];
	size_t length = strlen(part), at = 0;
	DIR *stream;
	int found = 0;

	for (; at + length <= 255; at += length)
		memcpy(name + at, part, length);
	memset(name + at, 'x', 255 - at);
	name[255] = 0;

	write_file(name, "fits");
	FILE_IS("fits", name);
	stream = opendir(".");
	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		found += !strcmp(entry->d_name, name);
	closedir(stream);
	IS(1, found);
	sync();
	OK(rename(name, "plain"));
	OK(rename("plain", name));
	FILE_IS("fits", name);
	OK(unlink(name));
	OK(mkdir(name, 0777));
	OK(rmdir(name));

	snprintf(one_more, sizeof(one_more), "%sy", name);
	FAILS(ENAMETOOLONG, open(one_more, O_CREAT | O_WRONLY, 0666));
	IS(0, count_entries("."));
}

#define FITS(title, part)  \
	CASE(title)        \
	{                  \
		fits(part); \
	}

FITS("255 letters", "n")
FITS("255 colons", ":")
FITS("255 dots", ".")
FITS("255 spaces", " ")
FITS("255 percent signs", "%")
FITS("255 control characters", "\x01")
FITS("255 bytes ff", "\xff")
FITS("255 bytes of two-byte characters", "\xc3\xa9")
FITS("255 bytes of three-byte characters", "\xe2\x82\xac")
FITS("255 bytes of private use characters", "\xef\x80\xba")
FITS("255 bytes of emoji", "\xf0\x9f\x98\x80")
FITS("255 bytes of surrogates", "\xed\xa0\x80")
FITS("255 bytes that end in a cut-off sequence", "abcd\xe2\x82")

/* Two names of two files, which no store may take for one. */
static void differ(const char *a, const char *b)
{
	HOLDS(strcmp(a, b));
	write_file(a, "a");
	HOLDS(!exists(b));
	write_file(b, "b");
	FILE_IS("a", a);
	FILE_IS("b", b);
	IS(2, count_entries("."));
	sync();
	OK(unlink(a));
	HOLDS(!exists(a));
	FILE_IS("b", b);
	OK(rename(b, a));
	HOLDS(!exists(b));
	FILE_IS("b", a);
	IS(1, count_entries("."));
	OK(unlink(a));

	OK(mkdir(a, 0777));
	OK(mkdir(b, 0777));
	IS(2, count_entries("."));
	OK(rmdir(a));
	HOLDS(exists(b));
	OK(rmdir(b));
}

#define DIFFER(title, a, b)   \
	CASE(title)           \
	{                     \
		differ(a, b); \
	}

DIFFER("two names that differ in case only", "File", "file")
DIFFER("two names that differ in the case of a letter outside ASCII only", "\xc3\x89", "\xc3\xa9")
DIFFER("two names that differ in normalisation only (NFC, NFD)", "caf\xc3\xa9", "cafe\xcc\x81")
DIFFER("two names that are the same for NFKC: a ligature", "\xef\xac\x81", "fi")
DIFFER("the Kelvin sign and K", "\xe2\x84\xaa", "K")
DIFFER("Turkish dotless i and i", "\xc4\xb1", "i")
DIFFER("sharp s and ss", "\xc3\x9f", "ss")
DIFFER("with and without a dot at the end", "file", "file.")
DIFFER("with and without a space at the end", "file", "file ")
DIFFER("a colon and U+F03A", "a:b", "a\xef\x80\xba" "b")
DIFFER("a colon and %3A", "a:b", "a%3Ab")
DIFFER("a percent sign and its sequence", "a%b", "a%25b")
DIFFER("the byte ff and the replacement character", "\xff", "\xef\xbf\xbd")
DIFFER("two bytes that are no UTF-8", "\xfe", "\xff")
DIFFER("a zero-width joiner and none", "a\xe2\x80\x8d" "b", "ab")
DIFFER("a surrogate pair as CESU-8, and the character", "\xed\xa0\xbd\xed\xb8\x80", "\xf0\x9f\x98\x80")

CASE("a rename that changes nothing but case, or nothing but normalisation")
{
	write_file("file", "text");
	OK(rename("file", "FILE"));
	HOLDS(!exists("file"));
	FILE_IS("text", "FILE");
	OK(rename("FILE", "caf\xc3\xa9"));
	OK(rename("caf\xc3\xa9", "cafe\xcc\x81"));
	HOLDS(!exists("caf\xc3\xa9"));
	FILE_IS("text", "cafe\xcc\x81");
	OK(mkdir("dir", 0777));
	OK(rename("dir", "DIR"));
	HOLDS(!exists("dir"));
	IS(2, count_entries("."));
}
