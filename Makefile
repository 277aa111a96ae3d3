# flightbox
#   make            builds build/flightbox and the library
#   make demo       installs what is missing, builds, prints the report of a bundled trace
#   make check      the same set-up, then every test; last line: N passed, N failed
#   make install    PREFIX=/usr/local, DESTDIR=
#   make bench      how fast, against babeltrace2 (TRACE=DIR, BENCH=--quick)
#   make fuzz       libFuzzer, SECONDS=60 for each target of tests/fuzz, or for FUZZ=tsdl alone
# DEV=1 builds with -Werror, ASan and UBSan into build/dev; DEV=thread with TSan into
# build/dev-thread, DEV=fuzz with clang for libFuzzer into build/fuzz, DEV=cover to see what tests
# reach into build/cover. V=1 shows the commands.
# HARDEN=no leaves out the flags that make errors harder to exploit; CFLAGS and LDFLAGS come behind them.
# BT2=no builds without babeltrace2; so does a system that does not have libbabeltrace2-dev.
# PERF=no builds without libtraceevent and libzstd, in the same way: perf.data is not read then.
# PAGE=no builds without D3, in the same way: there is no --format html then.
# SECCOMP=no builds without libseccomp, in the same way: the sandbox then is what Landlock can do.
# CROSS=aarch64-linux-gnu- builds for another machine with the tools of that prefix; RUN=qemu-aarch64 runs
# its programs.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man
BASHCOMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPLETIONDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPLETIONDIR ?= $(PREFIX)/share/fish/vendor_completions.d
build_thread := build/dev-thread
build_fuzz := build/fuzz
build_cover := build/cover
BUILD   ?= $(if $(DEV),$(or $(build_$(DEV)),build/dev),build)
CFLAGS  ?= -O2 -g
PKG_CONFIG ?= $(CROSS)pkg-config
OBJCOPY ?= $(CROSS)objcopy
ifneq ($(CROSS),)
CC := $(CROSS)gcc
AR := $(CROSS)ar
LD := $(CROSS)ld
endif

ifneq ($(filter fuzz cover,$(DEV)),)
CC  := clang
BT2 := no
endif

ifndef BT2
BT2 := $(shell $(PKG_CONFIG) --exists babeltrace2 2>/dev/null && echo yes || echo no)
endif
ifeq ($(BT2),yes)
# Where babeltrace2 looks: beside its own plugins, and in ~/.local/lib.
BT2_PLUGINDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),$(shell $(PKG_CONFIG) --variable=libdir \
	babeltrace2),$(LIBDIR))/babeltrace2/plugins
bt2_plugin := $(BUILD)/babeltrace-plugin-flightbox.so
bt2_mip    := $(shell $(PKG_CONFIG) --atleast-version=2.1 babeltrace2 && echo 1 || echo 0)
bt2_src    := $(filter-out src/bt2/no-babeltrace2.c $(addprefix src/bt2/mip-,$(if \
	$(filter 1,$(bt2_mip)),0.c,1.c)),$(sort $(wildcard src/bt2/*.c src/plugin/*.c))) \
	src/source/sources.c
bt2_cflags := $(shell $(PKG_CONFIG) --cflags babeltrace2)
bt2_libs   := $(shell $(PKG_CONFIG) --libs babeltrace2)
else
bt2_src    := src/bt2/no-babeltrace2.c src/bt2/live-url.c src/source/sources.c
endif

PKGS := glib-2.0 liblzma zlib jansson libpcap
# perf.data is read with libtraceevent and libzstd: not where they are not there.
ifndef PERF
PERF := $(shell $(PKG_CONFIG) --exists libtraceevent libzstd 2>/dev/null && echo yes || echo no)
endif
ifeq ($(PERF),yes)
perf_pkgs := libtraceevent libzstd
PKGS += $(perf_pkgs)
perf_src := $(filter-out src/perf/no-perf.c,$(sort $(wildcard src/perf/*.c)))
else
perf_src := src/perf/no-perf.c
endif
# Pages are drawn by D3's scales and zoom, which stand in them: Debian's, from its node-d3-* packages.
D3DIR ?= /usr/share/nodejs
d3_parts := dispatch selection timer color interpolate ease array collection format time time-format scale drag \
	transition zoom
d3_terms := $(wildcard /usr/share/doc/node-d3-zoom/copyright)
d3_files := $(foreach part,$(d3_parts),$(wildcard $(D3DIR)/d3-$(part)/dist/d3-$(part).min.js))
ifndef PAGE
PAGE := $(if $(filter $(words $(d3_parts)),$(words $(d3_files))),yes,no)
endif
# The sandbox does without seccomp where libseccomp is not there.
ifndef SECCOMP
SECCOMP := $(shell $(PKG_CONFIG) --exists libseccomp 2>/dev/null && echo yes || echo no)
endif
ifeq ($(SECCOMP),yes)
seccomp_cflags := -DFB_HAS_SECCOMP $(shell $(PKG_CONFIG) --cflags libseccomp)
seccomp_libs := $(shell $(PKG_CONFIG) --libs libseccomp)
endif
fb_cflags := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wvla -Wshadow -Wno-missing-field-initializers -fPIC \
	-Iinclude -iquote src -iquote . \
	-DFB_VERSION='"$(VERSION)"' $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null) $(bt2_cflags) \
	$(seccomp_cflags)
fb_libs := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm
# Sums of times are as large as a trace wants: beyond what fits they wrap, and mean nothing. Builds for
# development tell of it instead.
fb_cflags += $(if $(DEV),,-fwrapv)
# What dpkg-buildflags has for hardening=+all, here for every build. FORTIFY wants optimisation,
# and not ASan. Which of the flags there are depends on the machine and the compiler.
ifneq ($(HARDEN),no)
supported = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null /dev/null 2>/dev/null && echo $(1))
fb_harden := -Wformat -Werror=format-security -fstack-protector-strong \
	$(call supported,-fstack-clash-protection) $(call supported,-fcf-protection) \
	$(call supported,-mbranch-protection=standard)
fb_harden += $(if $(DEV)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,$(if \
	$(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
fb_harden_link := -Wl,-z,relro -Wl,-z,now
fb_harden_pie := -pie
endif
ifdef DEV
sanitize_thread := -fsanitize=thread
# clang takes NULL + 0 for an overflow, which the elements of an empty array are.
sanitize_fuzz   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow \
	-DHISTORY_CHUNK_BITS=6
sanitize_cover  := -fprofile-instr-generate -fcoverage-mapping
sanitize := $(or $(sanitize_$(DEV)),-fsanitize=address,undefined)
fb_cflags += -DFB_SANITIZED -Werror -fno-omit-frame-pointer $(sanitize) -fno-sanitize-recover=all
fb_ldflags := $(sanitize)
endif

# All rooms but those of the command and of babeltrace2. The list of sources names those, too.
lib_src  := $(filter-out src/cli/% src/bt2/% src/plugin/% src/perf/% src/source/sources.c,$(sort $(wildcard \
	src/*/*.c src/*/*/*.c analyses/*.c analyses/shared/*.c))) $(perf_src)
cli_src  := $(sort $(wildcard src/cli/*.c))
test_src := $(filter-out $(if $(bt2_plugin),,tests/test_bt2_%),$(sort $(wildcard tests/test_*.c)))
test_sh  := $(filter-out $(if $(bt2_plugin),,tests/test_bt2_%),$(sort $(wildcard tests/test_*.sh)))
bt2_help := $(if $(bt2_plugin),tests/world.c)
help_src := $(filter-out tests/test_% tests/world.c,$(sort $(wildcard tests/*.c)))
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
tests := $(patsubst tests/%.c,$(BUILD)/tests/%,$(test_src))
fuzz_help := $(filter-out tests/fuzz/fuzz_% tests/fuzz/mutate_% tests/fuzz/replay.c \
	tests/fuzz/stubs.c,$(wildcard tests/fuzz/*.c))
fuzzers := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz_tests := $(patsubst %,$(BUILD)/tests/fuzz_%,$(fuzzers))
corpora := $(patsubst tests/fuzz/corpus/%.tar.xz,build/corpus/%/.unpacked,$(wildcard tests/fuzz/corpus/*.tar.xz))
tool_src := $(sort $(wildcard tests/tools/*.c))
tools := $(patsubst %,$(BUILD)/tools/%,measure plain-read population rewrite chain faults.so)
traces := $(patsubst tests/traces/%.tar.xz,build/traces/%/.unpacked,$(wildcard tests/traces/*.tar.xz))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$@)')
compile = $(Q)$(CC) $(fb_harden) $(CPPFLAGS) $(CFLAGS) $(fb_cflags)
link_flags = $(fb_harden_link) $(CFLAGS) $(fb_ldflags) $(LDFLAGS)
link = $(Q)$(CC) $(link_flags)
link_program = $(Q)$(CC) $(fb_harden_pie) $(link_flags)

completions := $(patsubst %,$(BUILD)/completions/%,bash zsh fish)
record_completions := $(patsubst %,$(BUILD)/completions/record-%,bash zsh fish)

all: $(BUILD)/flightbox $(BUILD)/libflightbox.a $(BUILD)/libflightbox.so.0 $(bt2_plugin) $(completions) \
	$(record_completions)

# Objects depend on the flags they were made with: another CFLAGS rebuilds, the same does not.
flags := BT2=$(BT2) PAGE=$(PAGE) $(CC) $(fb_harden) $(CPPFLAGS) $(CFLAGS) $(fb_cflags)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); echo '$(subst ','\'',$(flags))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(flags))' > $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(compile) -MMD -MP -c -o $@ $<

$(BUILD)/page/page.js: src/report/page/page.js $(d3_files) $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q){ $(if $(filter yes,$(PAGE)),$(if $(d3_terms),echo '/*!'; cat $(d3_terms); echo '*/';) cat $(d3_files) $<,:); } > $@

$(BUILD)/page/page.css: src/report/page/page.css
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(BUILD)/obj/src/report/page.o: fb_cflags += -DFB_PAGE='"$(BUILD)/page"'
$(BUILD)/obj/src/report/page.o: $(BUILD)/page/page.js $(BUILD)/page/page.css

# What the command and the tests link: every function, the private ones too.
$(BUILD)/all.a: $(call obj,$(lib_src))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# What users link: only fb_* is visible.
$(BUILD)/libflightbox.a: $(call obj,$(lib_src))
	$(call say,AR)
	$(Q)$(LD) -r -o $(BUILD)/libflightbox.o $^
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='fb_*' $(BUILD)/libflightbox.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(BUILD)/libflightbox.o

$(BUILD)/libflightbox.so.0: $(call obj,$(lib_src)) src/libflightbox.map
	$(call say,LINK)
	$(link) -shared -Wl,-soname,libflightbox.so.0 -Wl,--version-script=src/libflightbox.map \
		-o $@ $(filter %.o,$^) $(fb_libs)

# All that knows babeltrace2, or says that it is not there.
$(BUILD)/bt2.a: $(call obj,$(bt2_src))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Interned strings outlive the plugin: GLib keeps pointers into it, so it must stay loaded.
$(BUILD)/babeltrace-plugin-flightbox.so: $(BUILD)/obj/src/plugin/plugin.o $(BUILD)/bt2.a \
		$(BUILD)/all.a src/plugin/plugin.map
	$(call say,LINK)
	$(link) -shared -Wl,-z,nodelete -Wl,--version-script=src/plugin/plugin.map -o $@ \
		$(filter-out %.map,$^) $(bt2_libs) $(fb_libs)

$(BUILD)/flightbox: $(call obj,$(cli_src)) $(BUILD)/bt2.a $(BUILD)/all.a
	$(call say,LINK)
	$(link_program) -o $@ $^ $(bt2_libs) $(seccomp_libs) $(fb_libs)

$(completions): $(BUILD)/completions/%: $(BUILD)/flightbox
	$(call say,MAKE)
	@mkdir -p $(@D)
	$(Q)$(RUN) $< completion $* > $@ || { rm -f $@; false; }

$(record_completions): $(BUILD)/completions/record-%: scripts/complete-record scripts/record
	$(call say,MAKE)
	@mkdir -p $(@D)
	$(Q)$< $* > $@ || { rm -f $@; false; }

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(call obj,$(help_src)) $(BUILD)/bt2.a $(BUILD)/all.a
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link_program) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(if $(findstring test_bt2,$@),$(bt2_libs)) \
		$(if $(findstring test_sandbox,$@),$(seccomp_libs)) $(fb_libs) -lcmocka

$(filter $(BUILD)/tests/test_bt2_%,$(tests)): $(call obj,$(bt2_help))
$(BUILD)/tests/test_sandbox: $(call obj,src/cli/sandbox.c)

# Targets of libFuzzer: with its main(), or with one that gives them the inputs there are. Neither
# needs babeltrace2.
fuzz_needs := $(call obj,$(fuzz_help) src/bt2/no-babeltrace2.c src/bt2/live-url.c \
	src/source/sources.c) $(BUILD)/all.a
link_fuzz = $(link_program) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(fb_libs)

# fuzz_options runs the whole program, but from another main() and without what stubs.c leaves undone.
$(BUILD)/obj/tests/fuzz/flightbox.o: $(call obj,src/cli/main.c)
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --redefine-sym main=flightbox_main $< $@

$(BUILD)/options $(BUILD)/tests/fuzz_options: $(BUILD)/obj/tests/fuzz/flightbox.o \
		$(call obj,$(filter-out src/cli/main.c src/cli/memory.c src/cli/sandbox.c,$(cli_src)) \
		tests/fuzz/stubs.c tests/ctf_text.c)

$(fuzz_tests): $(BUILD)/tests/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o \
		$(call obj,tests/fuzz/replay.c) $(fuzz_needs)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link_fuzz)

ifeq ($(DEV),fuzz)
$(BUILD)/ctf: $(call obj,tests/fuzz/mutate_ctf.c)
$(patsubst %,$(BUILD)/%,$(fuzzers)): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(fuzz_needs)
	$(call say,LINK)
	$(link_fuzz) -fsanitize=fuzzer
endif

# Without the library: what measures must be small, see measure.c.
$(BUILD)/tools/measure $(BUILD)/tools/plain-read: $(BUILD)/tools/%: $(BUILD)/obj/tests/tools/%.o
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link_program) -o $@ $^

$(BUILD)/tools/population: $(call obj,tests/tools/population.c tests/tools/recode.c) $(BUILD)/all.a
$(BUILD)/tools/rewrite: $(call obj,tests/tools/rewrite.c tests/tools/recode.c \
		tests/tools/choose.c tests/tools/ctf2-text.c) $(BUILD)/all.a
$(BUILD)/tools/chain: $(call obj,tests/tools/chain.c)
$(BUILD)/tools/population $(BUILD)/tools/rewrite $(BUILD)/tools/chain:
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link_program) -o $@ $^ $(fb_libs)

# It is what the C library calls, so nothing of what watches over a program may be in it.
$(BUILD)/tools/faults.so: tests/tools/faults.c $(BUILD)/flags
	$(call say,LINK)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -DFB_SANITIZED -fsanitize=% -fno-sanitize-recover=%,$(fb_cflags)) -shared -o $@ $<

build/traces/%/.unpacked: tests/traces/%.tar.xz
	$(call say,UNPACK)
	@mkdir -p build/traces
	$(Q)rm -rf build/traces/$* && tar -xJf $< -C build/traces && touch $@

build/corpus/%/.unpacked: tests/fuzz/corpus/%.tar.xz
	$(call say,UNPACK)
	@mkdir -p build/corpus
	$(Q)rm -rf build/corpus/$* && tar -xJf $< -C build/corpus && touch $@

tools: $(tools)

traces: $(traces)

tests: $(tests) $(fuzz_tests) $(tools) $(traces) $(corpora)

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
		$(tests) $(fuzz_tests) $(test_sh) scripts/golden

fuzzers: $(patsubst %,$(BUILD)/%,$(fuzzers)) $(corpora)

fuzz-tests: $(fuzz_tests) $(corpora)

# SECONDS each; FUZZ="tsdl ctf" alone.
fuzz:
	@scripts/install-deps fuzz
	@$(MAKE) --no-print-directory DEV=fuzz fuzzers
	@scripts/fuzz $(or $(SECONDS),60) $(or $(FUZZ),$(fuzzers))

fuzz-cover:
	@scripts/install-deps fuzz
	@$(MAKE) --no-print-directory DEV=cover fuzz-tests
	@scripts/fuzz cover $(or $(FUZZ),$(fuzzers))

bench: all tools build/traces/disk/.unpacked
	@FLIGHTBOX=$(BUILD)/flightbox scripts/bench $(BENCH) $(TRACE)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/flightbox \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(BASHCOMPLETIONDIR) \
		$(DESTDIR)$(ZSHCOMPLETIONDIR) $(DESTDIR)$(FISHCOMPLETIONDIR)
	install -m 755 $(BUILD)/flightbox $(DESTDIR)$(BINDIR)/flightbox
	install -m 755 scripts/record $(DESTDIR)$(BINDIR)/flightbox-record
	install -m 644 $(BUILD)/libflightbox.a $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/libflightbox.so.0 $(DESTDIR)$(LIBDIR)
	ln -sf libflightbox.so.0 $(DESTDIR)$(LIBDIR)/libflightbox.so
	install -m 644 $(wildcard include/flightbox/*.h) $(DESTDIR)$(INCLUDEDIR)/flightbox
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@PERF@|$(perf_pkgs:%= %)|' src/flightbox.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/flightbox.pc
	$(if $(bt2_plugin),install -d $(DESTDIR)$(BT2_PLUGINDIR))
	$(if $(bt2_plugin),install -m 755 $(bt2_plugin) $(DESTDIR)$(BT2_PLUGINDIR))
	install -m 644 docs/flightbox.1 docs/flightbox-record.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(BUILD)/completions/bash $(DESTDIR)$(BASHCOMPLETIONDIR)/flightbox
	install -m 644 $(BUILD)/completions/zsh $(DESTDIR)$(ZSHCOMPLETIONDIR)/_flightbox
	install -m 644 $(BUILD)/completions/fish $(DESTDIR)$(FISHCOMPLETIONDIR)/flightbox.fish
	install -m 644 $(BUILD)/completions/record-bash $(DESTDIR)$(BASHCOMPLETIONDIR)/flightbox-record
	install -m 644 $(BUILD)/completions/record-zsh $(DESTDIR)$(ZSHCOMPLETIONDIR)/_flightbox-record
	install -m 644 $(BUILD)/completions/record-fish \
		$(DESTDIR)$(FISHCOMPLETIONDIR)/flightbox-record.fish

clean:
	rm -rf build

FORCE:
.PHONY: all tools traces tests fuzzers fuzz-tests fuzz fuzz-cover demo show-demo check run-tests bench \
	install clean FORCE
.SECONDARY:
-include $(patsubst %.o,%.d,$(call obj,$(lib_src) $(cli_src) $(bt2_src) $(test_src) \
	$(help_src) $(bt2_help) $(tool_src) $(wildcard tests/fuzz/*.c)))
