# flightbox
#   make            builds build/flightbox and the library
#   make demo       installs what is missing, builds, prints the report of a bundled trace
#   make check      the same set-up, then every test; last line: N passed, N failed
#   make install    PREFIX=/usr/local, DESTDIR=
#   make bench      how fast, against babeltrace2 (TRACE=DIR)
# DEV=1 builds with -Werror, ASan and UBSan into build/dev; V=1 shows the commands.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
BUILD   ?= build$(if $(DEV),/dev)
CFLAGS  ?= -O2 -g
AR      ?= ar

PKGS := glib-2.0 gio-2.0 liblzma
fb_cflags := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wvla -Wshadow -Wno-missing-field-initializers -fPIC \
	-Iinclude $(patsubst %,-iquote %,src src/source src/ctf src/kernel src/report src/cli) \
	-DFB_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
fb_libs := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
ifdef DEV
fb_cflags += -Werror -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
fb_ldflags := -fsanitize=address,undefined
endif

lib_src  := $(sort $(wildcard src/*.c src/source/*.c src/ctf/*.c src/kernel/*.c src/run/*.c \
	src/report/*.c analyses/*.c))
cli_src  := $(sort $(wildcard src/cli/*.c))
test_src := $(sort $(wildcard tests/test_*.c))
help_src := $(filter-out $(test_src),$(sort $(wildcard tests/*.c)))
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(test_src))
traces := $(patsubst tests/traces/%.tar.xz,build/traces/%/.unpacked,$(wildcard tests/traces/*.tar.xz))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$@)')
compile = $(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(fb_cflags)
link = $(Q)$(CC) $(CFLAGS) $(fb_ldflags) $(LDFLAGS)

all: $(BUILD)/flightbox $(BUILD)/libflightbox.a $(BUILD)/libflightbox.so.0

# Objects depend on the flags they were made with: another CFLAGS rebuilds, the same does not.
flags := $(CC) $(CPPFLAGS) $(CFLAGS) $(fb_cflags)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); echo '$(subst ','\'',$(flags))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(flags))' > $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(compile) -MMD -MP -c -o $@ $<

# What the command and the tests link: every function, the private ones too.
$(BUILD)/all.a: $(call obj,$(lib_src))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# What users link: only fb_* is visible.
$(BUILD)/libflightbox.a: $(call obj,$(lib_src))
	$(call say,AR)
	$(Q)$(LD) -r -o $(BUILD)/libflightbox.o $^
	$(Q)objcopy --wildcard --keep-global-symbol='fb_*' $(BUILD)/libflightbox.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(BUILD)/libflightbox.o

$(BUILD)/libflightbox.so.0: $(call obj,$(lib_src)) src/libflightbox.map
	$(call say,LINK)
	$(link) -shared -Wl,-soname,libflightbox.so.0 -Wl,--version-script=src/libflightbox.map \
		-o $@ $(filter %.o,$^) $(fb_libs)

$(BUILD)/flightbox: $(call obj,$(cli_src)) $(BUILD)/all.a
	$(call say,LINK)
	$(link) -o $@ $^ $(fb_libs)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(call obj,$(help_src)) $(BUILD)/all.a
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) -o $@ $^ $(fb_libs) -lcmocka

build/traces/%/.unpacked: tests/traces/%.tar.xz
	$(call say,UNPACK)
	@mkdir -p build/traces
	$(Q)rm -rf build/traces/$* && tar -xJf $< -C build/traces && touch $@

tests: $(tests) $(traces)

# The set-up may install make's own tools, so what follows runs in a make of its own.
demo:
	@scripts/install-deps build
	@$(MAKE) --no-print-directory show-demo

show-demo: $(BUILD)/flightbox build/traces/tcp-delay-classic/.unpacked
	@echo; echo '$$ flightbox blocking --pid 502,504 tcp-delay-classic/trace'
	@$(BUILD)/flightbox blocking --pid 502,504 build/traces/tcp-delay-classic/trace

check:
	@scripts/install-deps check
	@$(MAKE) --no-print-directory run-tests

run-tests: all tests
	@FLIGHTBOX=$(BUILD)/flightbox FB_TRACES=build/traces BUILD=$(BUILD) scripts/run-tests \
		$(tests) $(sort $(wildcard tests/test_*.sh)) scripts/golden

bench: $(BUILD)/flightbox build/traces/disk/.unpacked
	@FLIGHTBOX=$(BUILD)/flightbox scripts/bench $(TRACE)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/flightbox \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(COMPLETIONDIR)
	install -m 755 $(BUILD)/flightbox $(DESTDIR)$(BINDIR)/flightbox
	install -m 755 scripts/record $(DESTDIR)$(BINDIR)/flightbox-record
	install -m 644 $(BUILD)/libflightbox.a $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/libflightbox.so.0 $(DESTDIR)$(LIBDIR)
	ln -sf libflightbox.so.0 $(DESTDIR)$(LIBDIR)/libflightbox.so
	install -m 644 $(wildcard include/flightbox/*.h) $(DESTDIR)$(INCLUDEDIR)/flightbox
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' src/flightbox.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/flightbox.pc
	install -m 644 docs/flightbox.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 scripts/flightbox.bash-completion $(DESTDIR)$(COMPLETIONDIR)/flightbox

clean:
	rm -rf build

FORCE:
.PHONY: all tests demo show-demo check run-tests bench install clean FORCE
.SECONDARY:
-include $(patsubst %.o,%.d,$(call obj,$(lib_src) $(cli_src) $(test_src) $(help_src)))
