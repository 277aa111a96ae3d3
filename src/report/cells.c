/* SPDX-License-Identifier: MIT */
/* cells.c - the cells of columns that show a member of the row as it is. */
#include <flightbox/report.h>

#define GETTER(name, member_type, cell)                                   \
	struct fb_cell fb_get_##name(struct fb_report *r, const void *part) \
	{                                                                 \
		const member_type value = *(const member_type *)part;     \
									  \
		(void)r;                                                  \
		return cell;                                              \
	}

typedef const struct fb_task *task_pointer;
typedef const char *text_pointer;

GETTER(int, int32_t, FB_INT(value))
GETTER(uint, uint32_t, FB_INT(value))
GETTER(count, uint64_t, FB_INT(value))
GETTER(id, int32_t, value < 0 ? FB_NULL : FB_INT(value))
GETTER(bool, bool, FB_BOOL(value))
GETTER(text, text_pointer, FB_TEXT(value))
GETTER(name, text_pointer, FB_NAME(value))
GETTER(time, fb_ns, FB_TIME(value))
GETTER(duration, fb_ns, FB_DURATION(value))
GETTER(real, double, FB_REAL(value))
GETTER(address, uint64_t, FB_ADDRESS(value))
GETTER(tid, task_pointer, value ? FB_INT(value->tid) : FB_NULL)
GETTER(pid, task_pointer, value && value->pid > 0 ? FB_INT(value->pid) : FB_NULL)
GETTER(comm, task_pointer, FB_NAME(value ? value->comm : NULL))

struct fb_cell fb_get_list(struct fb_report *r, const void *part)
{
	(void)r;
	return FB_LIST(part);
}
