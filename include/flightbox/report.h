/* SPDX-License-Identifier: MIT */
/*
 * report.h - results as data: tables of typed cells. An analysis fills tables,
 * a writer (text, jsonl, csv) turns them into bytes; neither knows the other.
 *
 * One table often serves all formats. Where people and programs want different
 * shapes, fb_report_for_people() tells which of the two to fill. Formats for
 * programs write every row at once, in constant memory; the text format keeps
 * the rows of one table until it knows how wide its columns are.
 *
 * docs/report-format.md describes what comes out, docs/writing-an-analysis.md how to use this.
 */
#ifndef FLIGHTBOX_REPORT_H
#define FLIGHTBOX_REPORT_H

#include <glib.h>

#include <flightbox/blocking.h>
#include <flightbox/event.h>
#include <flightbox/kernel.h>
#include <flightbox/source.h>
#include <flightbox/times.h>

struct fb_symbols;

/* ---- what an analysis uses -------------------------------------------------------------- */

enum fb_cell_type {
	FB_CELL_NULL,     /* not known, or there is none */
	FB_CELL_INT,
	FB_CELL_BOOL,
	FB_CELL_TEXT,     /* any bytes up to the NUL: writers escape them */
	FB_CELL_TIME,     /* ns by the trace's clock; written as --time wants it */
	FB_CELL_DURATION, /* ns; milliseconds in text */
	FB_CELL_AT_LEAST, /* for a DURATION of which no more is known; ">1.234" in text, null elsewhere */
	FB_CELL_REAL,     /* an INT may stand in for it */
	FB_CELL_PERCENT,  /* a real; one decimal in text */
	FB_CELL_LIST,     /* rows of a table of its own; an array in JSON, left out elsewhere */
	FB_CELL_ADDRESS,  /* of the kernel; written as 0x… */
	FB_CELL_WORDS,    /* a text of words of a to z, blanks between them; an array of them in JSON */
};

struct fb_list;
struct fb_report;

struct fb_cell {
	enum fb_cell_type type;
	bool is_name;             /* TEXT: interned or static, so it stays as it is; else lent until the next cell */
	union {
		int64_t number;   /* INT, BOOL, TIME, DURATION, AT_LEAST */
		uint64_t address;
		double real;
		const char *text;
		const struct fb_list *list; /* lent until the row is written, and all it points to */
	};
};

/* Cells. FB_NS_NONE, a NULL text, a zero address and a share of nothing make null cells. */
static inline struct fb_cell fb_cell_text(const char *text)
{
	return (struct fb_cell){ text ? FB_CELL_TEXT : FB_CELL_NULL, false, { .text = text } };
}

static inline struct fb_cell fb_cell_name(const char *name)
{
	return (struct fb_cell){ name ? FB_CELL_TEXT : FB_CELL_NULL, true, { .text = name } };
}

static inline struct fb_cell fb_cell_ns(enum fb_cell_type type, fb_ns ns)
{
	return (struct fb_cell){ ns == FB_NS_NONE ? FB_CELL_NULL : type, false, { .number = ns } };
}

static inline struct fb_cell fb_cell_address(uint64_t address)
{
	return (struct fb_cell){ address ? FB_CELL_ADDRESS : FB_CELL_NULL, false,
				 { .address = address } };
}

static inline struct fb_cell fb_cell_percent(double part, double whole)
{
	return whole == 0 ?
		       (struct fb_cell){ FB_CELL_NULL, false, { 0 } } :
		       (struct fb_cell){ FB_CELL_PERCENT, false, { .real = 100 * part / whole } };
}

#define FB_NULL         ((struct fb_cell){ FB_CELL_NULL, false, { 0 } })
#define FB_INT(n)       ((struct fb_cell){ FB_CELL_INT, false, { .number = (n) } })
#define FB_BOOL(b)      ((struct fb_cell){ FB_CELL_BOOL, false, { .number = !!(b) } })
#define FB_REAL(x)      ((struct fb_cell){ FB_CELL_REAL, false, { .real = (x) } })
#define FB_TEXT(s)      fb_cell_text(s)
#define FB_NAME(s)      fb_cell_name(s) /* an interned or static text: written faster */
#define FB_WORDS(s)     ((struct fb_cell){ FB_CELL_WORDS, false, { .text = (s) } })
#define FB_TIME(ns)     fb_cell_ns(FB_CELL_TIME, ns)
#define FB_DURATION(ns) fb_cell_ns(FB_CELL_DURATION, ns)
#define FB_AT_LEAST(ns) fb_cell_ns(FB_CELL_AT_LEAST, ns)
#define FB_PERCENT(part, whole) fb_cell_percent(part, whole)
#define FB_ADDRESS(a)   fb_cell_address(a)
#define FB_LIST(l)      ((struct fb_cell){ FB_CELL_LIST, false, { .list = (l) } })

#define FB_COLUMNS_MAX 160

struct fb_column {
	/*
	 * JSON key; "cause.task.tid" lies in nested objects. Columns of one object
	 * stand together, and where the first one's cell is null the whole object is.
	 * NULL: text only.
	 */
	const char *key;
	const char *heading;    /* in text; "" for none, NULL: not in text */
	enum fb_cell_type type; /* of the cells that are not null */
	/* The cell of a row, given what lies `at` so many bytes into it. */
	struct fb_cell (*get)(struct fb_report *r, const void *part);
	size_t at;
};

/*
 * What a column gets its cells from: a member of the row's struct,
 *
 *	{ .key = "n", .heading = "N", FB_COUNT_OF(struct group, waits) }
 *
 * or a function, which is given the row,
 *
 *	{ .key = "mean", .heading = "Mean", FB_BY(DURATION, get_mean) }
 *
 * Behind either may stand where in the row that struct lies, when it is a part of a larger one:
 * so columns of the part become columns of the whole.
 */
#define FB_BY(cell_type, getter, ...) \
	.type = FB_CELL_##cell_type, .get = (getter), .at = (__VA_ARGS__ + 0)

#define FB_INT_OF(type, member, ...)      FB_OF(INT, fb_get_int, int32_t, type, member, __VA_ARGS__)
#define FB_UINT_OF(type, member, ...)     FB_OF(INT, fb_get_uint, uint32_t, type, member, __VA_ARGS__)
#define FB_COUNT_OF(type, member, ...)    FB_OF(INT, fb_get_count, uint64_t, type, member, __VA_ARGS__)
#define FB_ID_OF(type, member, ...)       FB_OF(INT, fb_get_id, int32_t, type, member, __VA_ARGS__) /* null below 0 */
#define FB_BOOL_OF(type, member, ...)     FB_OF(BOOL, fb_get_bool, bool, type, member, __VA_ARGS__)
#define FB_TEXT_OF(type, member, ...)     FB_OF(TEXT, fb_get_text, const char *, type, member, __VA_ARGS__)
#define FB_NAME_OF(type, member, ...)     FB_OF(TEXT, fb_get_name, const char *, type, member, __VA_ARGS__)
#define FB_TIME_OF(type, member, ...)     FB_OF(TIME, fb_get_time, fb_ns, type, member, __VA_ARGS__)
#define FB_DURATION_OF(type, member, ...) FB_OF(DURATION, fb_get_duration, fb_ns, type, member, __VA_ARGS__)
#define FB_REAL_OF(type, member, ...)     FB_OF(REAL, fb_get_real, double, type, member, __VA_ARGS__)
#define FB_ADDRESS_OF(type, member, ...)  FB_OF(ADDRESS, fb_get_address, uint64_t, type, member, __VA_ARGS__)
#define FB_LIST_OF(type, member, ...)     FB_OF(LIST, fb_get_list, struct fb_list, type, member, __VA_ARGS__)

/* Of a task, to which the member points or is NULL. */
#define FB_TID_OF(type, member, ...)      FB_OF(INT, fb_get_tid, const struct fb_task *, type, member, __VA_ARGS__)
#define FB_PID_OF(type, member, ...)      FB_OF(INT, fb_get_pid, const struct fb_task *, type, member, __VA_ARGS__)
#define FB_COMM_OF(type, member, ...)     FB_OF(TEXT, fb_get_comm, const struct fb_task *, type, member, __VA_ARGS__)

/* The compiler warns unless the member is of that type. */
#define FB_OF(cell_type, getter, member_type, type, member, ...) \
	FB_BY(cell_type, getter, offsetof(type, member) + \
	      0 * sizeof(&((type *)0)->member == (member_type *)0) + (__VA_ARGS__ + 0))

struct fb_cell fb_get_int(struct fb_report *r, const void *part);
struct fb_cell fb_get_uint(struct fb_report *r, const void *part);
struct fb_cell fb_get_count(struct fb_report *r, const void *part);
struct fb_cell fb_get_id(struct fb_report *r, const void *part);
struct fb_cell fb_get_bool(struct fb_report *r, const void *part);
struct fb_cell fb_get_text(struct fb_report *r, const void *part);
struct fb_cell fb_get_name(struct fb_report *r, const void *part);
struct fb_cell fb_get_time(struct fb_report *r, const void *part);
struct fb_cell fb_get_duration(struct fb_report *r, const void *part);
struct fb_cell fb_get_real(struct fb_report *r, const void *part);
struct fb_cell fb_get_address(struct fb_report *r, const void *part);
struct fb_cell fb_get_list(struct fb_report *r, const void *part);
struct fb_cell fb_get_tid(struct fb_report *r, const void *part);
struct fb_cell fb_get_pid(struct fb_report *r, const void *part);
struct fb_cell fb_get_comm(struct fb_report *r, const void *part);

struct fb_table {
	const char *type;                         /* "type" of its rows in JSON */
	struct fb_column columns[FB_COLUMNS_MAX]; /* up to the first with neither key nor heading */
};

/* The rows of a list, which have columns like a table's, with a NULL `type`. */
struct fb_list {
	const struct fb_table *table; /* static */
	const void *rows;             /* an array */
	size_t n, size;               /* how many; bytes of one */
};

/*
 * Begins a table, which ends where the next one begins or the report ends. `table`
 * must be static. `title` stands above it in text; NULL for none. A csv report is
 * one table: rows of tables other than its first are left out.
 */
void fb_report_table(struct fb_report *r, const struct fb_table *table, const char *title);

/* Adds a row to the table: what the table's columns get their cells from. Lent for the call. */
void fb_report_row(struct fb_report *r, const void *row);

/* For a getter to put a text together: empty, and lent until the next cell. */
GString *fb_report_scratch(struct fb_report *r);

/* A line of its own below the table, for people; other formats leave it out. */
void fb_report_note(struct fb_report *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Counts a wait that stands in the report, for its footer. */
void fb_report_wait(struct fb_report *r, const struct fb_blocking *b);

/* Counts one that does not, because it began before or ended after what was read. */
void fb_report_left_out(struct fb_report *r, const struct fb_blocking *b);

/* Counts a wait that it is not of, for nobody asked for it: see fb_filter.no_bystanders. */
void fb_report_bystander(struct fb_report *r, const struct fb_blocking *b);

/* Counts so many of those that do: in no sum, because how long they were asleep is not known. */
void fb_report_unmeasured(struct fb_report *r, uint64_t n);

/* True for text: titles, grouping, sorting, names in words. False for jsonl and csv: one row per fact. */
bool fb_report_for_people(const struct fb_report *r);

/* The trace that it is on. */
const struct fb_source_info *fb_report_info(const struct fb_report *r);

/* True for dot: only rows of these two tables come out, a graph. */
bool fb_report_is_graph(const struct fb_report *r);
extern const struct fb_table fb_graph_nodes, fb_graph_edges;

/* Their rows. Nodes of one group stand together, below its title. */
struct fb_graph_node {
	int64_t id, group;
	const char *title, *label;
};

struct fb_graph_edge {
	int64_t from, to;  /* ids of nodes */
	const char *label; /* NULL: none */
};

/* True for svg and html: only rows of this table come out, struct fb_scene of scene.h, one in a report. */
bool fb_report_is_scene(const struct fb_report *r);

/* … for html, where pieces are looked at one by one, with the stories of waits. */
bool fb_report_is_page(const struct fb_report *r);

/* Whether there is html: not where it was built without D3. */
bool fb_report_has_pages(void);
extern const struct fb_table fb_scene_table;

/* The symbol at a kernel address, lent until the report is freed; NULL when it is not known. */
const char *fb_report_symbol(struct fb_report *r, uint64_t address);

/*
 * The wakeup column: "SOFTIRQ NET_RX by server [1234] in sys_sendto", "TIMER
 * hrtimer_wakeup", "?". Names from the trace are not escaped yet. Appends to `to`.
 */
void fb_report_wakeup(struct fb_report *r, const struct fb_blocking *b, GString *to);

/*
 * Whom a heading is on: "server [1234]", "worker-3 (java) [1234]" where the program of the file `exe`
 * has another name; "tid 1234" when both are NULL. Appends to `to`.
 */
void fb_report_who(const char *comm, const char *exe, int32_t tid, GString *to);

/* A duration in a sentence: "50.3 ms", below 10 ms "9.876 ms". Appends to `to`. */
void fb_report_ms(const struct fb_report *r, fb_ns duration, GString *to);

/* A time in a sentence, as --time wants it. Appends to `to`. */
void fb_report_when(const struct fb_report *r, fb_ns time, GString *to);

/*
 * A note that all of what was asked for is outside of the trace, if it is; false: it is not. FB_NS_NONE: from its
 * begin, to its end.
 */
bool fb_report_note_outside(struct fb_report *r, fb_ns from, fb_ns to);

/* ---- what drives a report uses ---------------------------------------------------------- */

struct fb_report_options {
	const char *format;          /* "text", "jsonl", "csv", "dot", "svg", "html"; NULL: text */
	int fd;                      /* where to write */
	enum fb_time_form time;      /* of text and csv */
	bool color;                  /* text: with escape sequences */
	bool plain;                  /* text: no advice on what the recording lacks */
	/*
	 * Rows and notes alone, nothing of the trace: the report is on several. It may be "markdown",
	 * too. The times are those of a clock whose 0 `info` tells.
	 */
	bool bare;
	uint64_t kinds;              /* FB_KIND_BITs that it is made of beside what the model makes use of */
	const char *decimal_point;   /* text: NULL or "" for "." */
	struct fb_symbols *symbols;  /* lent; or NULL */
	/*
	 * Instead of a format: called with each row, lent for fb_report_cell() to tell its cells,
	 * and with NULL where a table begins. Nothing is written then; `fd` may be -1.
	 */
	void (*on_row)(struct fb_report *r, const struct fb_table *table, const void *row, void *data);
	void *row_data;
};

/* The cell of a row in a column of its table. What it points to is lent until the next one. */
struct fb_cell fb_report_cell(struct fb_report *r, const struct fb_column *column, const void *row);

/*
 * A report on the trace that `info` describes, which must outlive it. Writes
 * what stands on top. Free with fb_report_free().
 */
struct fb_report *fb_report_new(const struct fb_report_options *options,
				const struct fb_source_info *info);
void fb_report_free(struct fb_report *r);

/* What was read of a trace. Beside its events those at the trace's begin that name the tasks. */
struct fb_part {
	fb_ns begin, end; /* by the trace's clock; FB_NS_NONE: from the trace's begin, to its end */
	GArray *losses;   /* struct fb_cpu_loss, as in fb_source_info: what was lost of it */
};

static inline bool fb_part_is_all(const struct fb_part *part)
{
	return part->begin == FB_NS_NONE && part->end == FB_NS_NONE;
}

/* Says that the report is on that part alone. Lent until the report ends. */
void fb_report_part(struct fb_report *r, const struct fb_part *part);

/* How many rows it has got, in all its tables. */
uint64_t fb_report_rows(const struct fb_report *r);

/* Writes what has been put together so far; of formats for programs that is every row. */
void fb_report_flush(struct fb_report *r);

/*
 * Writes those lines of it that are complete, for a process that cannot go on: nothing but
 * fb_report_free() may follow. Allocates nothing.
 */
void fb_report_save(struct fb_report *r);

/* Whether writing has failed, so that going on is in vain. */
bool fb_report_failed(const struct fb_report *r);

/*
 * Ends the report: the last table, then the account of the trace, its losses and
 * oddities. `counts` may be NULL when there was no model; `complete` is false
 * when the source failed before the trace's end. Returns false and sets `error`
 * when any byte of the report could not be written.
 */
bool fb_report_finish(struct fb_report *r, const struct fb_kernel_counts *counts, bool complete,
		      GError **error);

#endif
