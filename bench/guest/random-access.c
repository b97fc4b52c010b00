/*
 * random-access read|write FILE BYTES COUNT: COUNT blocks of 4 KiB at random places in the first BYTES of FILE, the same places each time;
 * fsync after writes. Without a C library, so that its start costs next to nothing:
 *
 *   gcc -m32 -Os -static -nostdlib -ffreestanding -fno-pie -no-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
 *       -fno-ident -fcf-protection=none -Wl,--build-id=none -Wl,-z,noseparate-code -s -o random-access random-access.c
 */
enum { EXIT = 1, READ = 3, WRITE = 4, OPEN = 5, LSEEK = 19, FSYNC = 118, O_RDWR = 2, BLOCK = 4096 };

static char block[BLOCK];

static int call(int number, int a, int b, int c)
{
	int result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

static unsigned parse(const char *digits)
{
	unsigned value = 0;
	while (*digits)
		value = value * 10 + (unsigned)(*digits++ - '0');
	return value;
}

__attribute__((used)) static int run(char **argv)
{
	int writes = argv[1][0] == 'w';
	int file = call(OPEN, (int)argv[2], O_RDWR, 0);
	unsigned blocks = parse(argv[3]) / BLOCK;
	unsigned count = parse(argv[4]);
	unsigned seed = 1;
	if (file < 0 || blocks == 0)
		return 1;
	while (count--) {
		seed = seed * 1664525 + 1013904223;
		if (call(LSEEK, file, (int)((seed >> 8) % blocks * BLOCK), 0) < 0)
			return 2;
		if (call(writes ? WRITE : READ, file, (int)block, BLOCK) != BLOCK)
			return 3;
	}
	return writes && call(FSYNC, file, 0, 0) < 0 ? 4 : 0;
}

/* The stack begins with argc, then argv. */
__asm__(".globl _start\n_start:\n\tlea 4(%esp), %eax\n\tpush %eax\n\tcall run\n\tmov %eax, %ebx\n\tmov $1, %eax\n\tint $0x80\n");
