/* Names are bytes: any but "/" and 0, up to 255 of them. */
#include "posix-cases.h"

/* How often the directory lists exactly these bytes. */
static int times_listed(const char *name)
{
	DIR *stream = opendir(".");
	int times = 0;

	HOLDS(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		times += !strcmp(entry->d_name, name);
	closedir(stream);
	return times;
}

/* Created, listed, read back, renamed from and to, linked, made a directory of, removed. */
static void lives(const char *name)
{
	HOLDS(!exists(name));
	write_file(name, "of this name");
	IS(1, times_listed(name));
	IS(1, count_entries("."));
	FILE_IS("of this name", name);

	OK(rename(name, "plain"));
	HOLDS(!exists(name));
	IS(0, times_listed(name));
	OK(rename("plain", name));
	IS(1, times_listed(name));
	FILE_IS("of this name", name);
	sync();
	FILE_IS("of this name", name);
	OK(chmod(name, 0600));
	IS(S_IFREG | 0600, lstat_of(name).st_mode);
	FAILS(EEXIST, open(name, O_CREAT | O_EXCL | O_WRONLY, 0666));
	OK(unlink(name));
	HOLDS(!exists(name));
	IS(0, count_entries("."));

	OK(mkdir(name, 0777));
	IS(1, times_listed(name));
	OK(chdir(name));
	write_file(name, "below");
	IS(1, times_listed(name));
	FILE_IS("below", name);
	OK(unlink(name));
	OK(chdir(".."));
	OK(rmdir(name));

	OK(symlink(name, "link"));
	write_file(name, "by the link");
	FILE_IS("by the link", "link");
	OK(unlink("link"));
	OK(unlink(name));
	OK(symlink("target", name));
	IS(1, times_listed(name));
	OK(unlink(name));
	IS(0, count_entries("."));
}

#define NAME(title, bytes) \
	CASE(title)        \
	{                  \
		lives(bytes); \
	}

NAME("a colon", "a:b")
NAME("a colon first and last", ":a:")
NAME("con", "con")
NAME("nul.txt", "nul.txt")
NAME("COM1 and LPT1 with superscripts", "COM\xc2\xb9")
NAME("a dot at the end", "file.")
NAME("a space at the end", "file ")
NAME("a space at the start", " file")
NAME("one space", " ")
NAME("three dots", "...")
NAME("two dots and more", "..a")
NAME("a backslash", "a\\b")
NAME("two backslashes", "\\\\")
NAME("what shells and Windows take for patterns: *?\"<>|", "*?\"<>|")
NAME("quotes, $ and `", "'$`&;(){}[]!#")
NAME("a newline", "two\nlines")
NAME("a tab and a carriage return", "a\tb\r")
NAME("an escape and a delete", "\x1b[31m\x7f")
NAME("a C1 control in UTF-8", "a\xc2\x80\xc2\x9f")
NAME(".crswap at the end", "file.crswap")
NAME(".crswap alone", ".crswap")
NAME(".lnk at the end", "file.lnk")
NAME(".url at the end", "file.url")
NAME("desktop.ini", "desktop.ini")
NAME("desktop.ini in capitals", "DESKTOP.INI")
NAME(".scf and .local at the end", "file.scf.local")
NAME("a tilde", "~")
NAME("a tilde at the end", "file~")
NAME("a DOS short name", "LONGFI~1.TXT")
NAME("a dot first", ".hidden")
NAME("a dash first", "-rf")
NAME("percent sequences", "%2F%00%25%zz%")
NAME("one percent sign", "%")
NAME("what an escape might look like", "a%3Ab__x3A=3A+AC8-&#58;")
NAME("the private use character U+F03A", "a\xef\x80\xba" "b")
NAME("private use characters U+E000 to U+F8FF, first and last", "\xee\x80\x80\xef\xa3\xbf")
NAME("beyond the first plane: an emoji", "\xf0\x9f\x98\x80")
NAME("the last character, U+10FFFF", "\xf4\x8f\xbf\xbf")
NAME("the non-characters U+FFFE and U+FFFF", "\xef\xbf\xbe\xef\xbf\xbf")
NAME("the replacement character U+FFFD", "\xef\xbf\xbd")
NAME("the byte order mark", "\xef\xbb\xbf" "file")
NAME("right to left, with marks", "\xe2\x80\xae\xd7\xa9\xd7\x9c\xe2\x80\xac")
NAME("full-width and look-alike characters", "\xef\xbc\x9a\xef\xbc\x8f\xe2\x88\x95")
NAME("the byte ff", "\xff")
NAME("bytes fe and 80 between letters", "a\xfe" "b\x80" "c")
NAME("Latin-1", "caf\xe9")
NAME("a sequence that is cut off", "a\xe2\x82")
NAME("a sequence that is cut off, then a letter", "\xf0\x9f\x98" "a")
NAME("an overlong slash", "a\xc0\xaf" "b")
NAME("an overlong NUL", "a\xc0\x80" "b")
NAME("an overlong of three bytes", "\xe0\x80\xaf")
NAME("a high surrogate", "\xed\xa0\x80")
NAME("a low surrogate", "\xed\xb0\x80")
NAME("a surrogate pair as CESU-8", "\xed\xa0\xbd\xed\xb8\x80")
NAME("beyond U+10FFFF", "\xf4\x90\x80\x80")
NAME("five and six byte forms", "\xf8\x88\x80\x80\x80\xfc\x84\x80\x80\x80\x80")

CASE("every control character")
{
	char name[4] = "a?b";

	for (int byte = 1; byte < ' '; byte++) {
		name[1] = byte;
		lives(name);
	}
}

CASE("every byte from 80 to ff, alone")
{
	char name[2] = "?";

	for (int byte = 0x80; byte <= 0xff; byte++) {
		name[0] = byte;
		write_file(name, "");
	}
	IS(128, count_entries("."));
	for (int byte = 0x80; byte <= 0xff; byte++) {
		name[0] = byte;
		IS(1, times_listed(name));
		OK(unlink(name));
	}
	IS(0, count_entries("."));
}
