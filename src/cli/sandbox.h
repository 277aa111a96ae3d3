/* SPDX-License-Identifier: MIT */
/* sandbox.h - what a reader of untrusted bytes can do without. */
#ifndef FLIGHTBOX_SANDBOX_H
#define FLIGHTBOX_SANDBOX_H

/* What is still needed of that which the sandbox else takes away. */
enum {
	SANDBOX_NETWORK = 1, /* all but serving others */
	SANDBOX_FILES = 2,   /* to write and make files */
};

/* What may be read in the sandbox, where the kernel can tell: a file, or a directory and all below. */
void sandbox_allow_reading(const char *path);
/* The same for writing: a file, or a directory in which files are made and replaced. */
void sandbox_allow_writing(const char *path);

/*
 * Gives up for good, as far as the kernel lets it: privileges, running programs, touching
 * other processes, writing or making files, and the network; but for what `needs` says.
 * Files that are open stay as they are; of others those that were allowed may be read, or any
 * where the kernel has no Landlock. Before the first thread; a second call changes nothing.
 */
void sandbox_enter(unsigned needs);

/* What of it this build and this kernel have, in words: "seccomp, Landlock 3". g_free() it. */
char *sandbox_describe(void);

#endif
