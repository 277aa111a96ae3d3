/* SPDX-License-Identifier: MIT */
/* page.h - what a page is made of: the texts of src/report/page, with D3 before them. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdbool.h>

/* NUL-terminated. Empty where it was built without D3: then there are no pages. */
extern const char page_style[], page_script[];

#endif
