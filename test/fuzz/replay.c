/*
 * test/fuzz/replay.c
 *		Runs a fuzz target on files, without libFuzzer: for a crash that was found, and for any compiler.
 *
 * Usage: replay_<target> FILE... A file is read into memory of exactly its size.
 */
#include "fuzz.h"

int
main(int argc, char **argv)
{
	int			i;

	for (i = 1; i < argc; i++)
	{
		FILE	   *f = fopen(argv[i], "rb");
		long		size = 0;
		uint8_t	   *data;

		if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		{
			perror(argv[i]);
			return 2;
		}
		data = (uint8_t *) malloc(size > 0 ? (size_t) size : 1);
		if (data == NULL || fread(data, 1, (size_t) size, f) != (size_t) size)
		{
			perror(argv[i]);
			return 2;
		}
		fclose(f);
		LLVMFuzzerTestOneInput(data, (size_t) size);
		free(data);
	}
	printf("%d inputs replayed\n", argc - 1);
	return 0;
}
