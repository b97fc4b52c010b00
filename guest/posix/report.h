/* Why a case failed: in memory that all its processes share. */
#pragma once

struct report {
	int failed;
	char why[4096];
};

extern struct report *report;
