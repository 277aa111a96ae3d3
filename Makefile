# flightbox: make, make demo, make check, make install, make clean; DEV=1 for a checked build, V=1 for a chatty one
VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions

PKGS := glib-2.0 gio-2.0 liblzma
CFLAGS ?= -O2 -g

# What the code needs whatever the user's CFLAGS are.
fb_cflags := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wvla -Wshadow -Wno-missing-field-initializers -fPIC \
	-Iinclude -iquote src -iquote src/ctf -iquote src/kernel -iquote src/report -iquote src/cli \
	-DFB_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
fb_libs := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
ifdef DEV
BUILD := $(BUILD)/dev
fb_cflags += -Werror -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
fb_ldflags := -fsanitize=address,undefined
endif

lib_src  := $(sort $(wildcard src/*.c src/ctf/*.c src/kernel/*.c src/run/*.c src/report/*.c analyses/*.c))
cli_src  := $(sort $(wildcard src/cli/*.c))
test_src := $(sort $(wildcard tests/test_*.c))
help_src := $(filter-out $(test_src),$(sort $(wildcard tests/*.c)))
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(test_src))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$@)')

all: $(BUILD)/flightbox

$(BUILD)/flightbox: $(call obj,$(cli_src)) $(BUILD)/libflightbox.a
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(fb_ldflags) $(LDFLAGS) -o $@ $^ $(fb_libs)

$(BUILD)/libflightbox.a: $(call obj,$(lib_src))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(call obj,$(help_src)) $(BUILD)/libflightbox.a
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(fb_ldflags) $(LDFLAGS) -o $@ $^ $(fb_libs) -lcmocka

$(BUILD)/obj/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(fb_cflags) -MMD -MP -c -o $@ $<

tests: $(tests)

clean:
	rm -rf $(BUILD)

.PHONY: all tests clean
.SECONDARY:
-include $(patsubst %.o,%.d,$(call obj,$(lib_src) $(cli_src) $(test_src) $(help_src)))
