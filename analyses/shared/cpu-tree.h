/* SPDX-License-Identifier: MIT */
/*
 * cpu-tree.h - who ran on whose behalf: CPU time by chains of processes, each of which waited
 * for the next.
 *
 *	client                   its own time is not in here
 *	  serverA   3 ms         ran while the client waited for it
 *	    serverB 40 ms        ran while serverA waited for it, and so the client
 *
 * Running counts, interrupts on top of it do not. Each nanosecond counts once for a process,
 * however many of its threads waited for it: in the chain that was told first.
 */
#ifndef ANALYSES_SHARED_CPU_TREE_H
#define ANALYSES_SHARED_CPU_TREE_H

#include <flightbox/history.h>

#define NO_NODE 0      /* their number, */
#define NODES_MAX (1u << 17)
#define PROCESS_OTHERS (-1) /* chains for which there was no room */

struct cpu_node {
	int32_t process;
	uint32_t parent;      /* NO_NODE: it is who waited in the end, a root; */
	uint32_t level;       /* how many are above it */
	uint32_t child, next; /* the first one of its own, and the next one of its parent */
	fb_ns self;           /* ran itself */
};

struct cpu_tree;

/* The history is lent. */
struct cpu_tree *cpu_tree_new(struct fb_history *h);
void cpu_tree_free(struct cpu_tree *t);

/* The segments of a wait of that process come next: cpu_tree_funcs, with the tree as its data. */
void cpu_tree_begin(struct cpu_tree *t, int32_t process);
extern const struct fb_path_funcs cpu_tree_funcs;

/*
 * Now may be the time to forget what came before all waits that are under way: all waits of any
 * process that are over have been told.
 */
void cpu_tree_may_forget(struct cpu_tree *t);

/* What all of them ran on behalf of any process so far. */
fb_ns cpu_tree_ran(const struct cpu_tree *t);

/* Nodes from 1 to n - 1; roots are those without a parent. Lent until the next wait. */
const struct cpu_node *cpu_tree_nodes(const struct cpu_tree *t, uint32_t *n);

/* The root of a process; NO_NODE: nobody ran on its behalf. */
uint32_t cpu_tree_root(const struct cpu_tree *t, int32_t process);

/* How many nodes were looked at to find who is in a chain already. */
uint64_t cpu_tree_steps(const struct cpu_tree *t);

#endif
