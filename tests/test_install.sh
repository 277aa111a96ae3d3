#!/bin/sh
# SPDX-License-Identifier: MIT
# What `make install` leaves, and that a program can be built with it.
# shellcheck disable=SC2317 # functions are called through check()
set -u

cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
traces=${FB_TRACES:-build/traces}
failed=0

# check NAME COMMAND... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - $name"
	else
		echo "not ok - $name: $why"
		failed=1
	fi
}

# The build directory of this run, whatever CC and DEV were; nothing is built again.
build=${BUILD:-build}
installs() {
	make --no-print-directory install BUILD="$build" DESTDIR="$dir" PREFIX=/usr -o all
}

runs_as_installed() {
	"$dir/usr/bin/flightbox" blocking --pid 504 "$traces/tcp-delay-classic/trace" |
		grep -q '203.223  sys_pselect6  SOFTIRQ NET_RX'
}

cat >"$dir/user.c" <<'E2'
#include <stdio.h>
#include <flightbox/run.h>

static void count(const struct fb_blocking *b, void *data)
{
	*(int *)data += b->task->tid == 504;
}

int main(int argc, char **argv)
{
	const char *paths[] = { argv[argc - 1] };
	const struct fb_source_options all = { .kinds = FB_KINDS_ALL, .begin = FB_NS_NONE,
					       .end = FB_NS_NONE };
	struct fb_source *source = fb_source_native.open(paths, 1, &all, NULL);
	struct fb_kernel_options options = { 0 };
	struct fb_batch batch;
	struct fb_kernel *k;
	int n = 0;

	if (!source)
		return 1;
	k = fb_kernel_new(source, &options, count, &n);
	while (fb_source_next(source, &batch, NULL) && batch.n)
		for (size_t i = 0; i < batch.n; i++)
			fb_kernel_event(k, &batch.events[i]);
	fb_kernel_finish(k);
	fb_kernel_free(k);
	fb_source_close(source);
	printf("%d\n", n);
	return 0;
}
E2

# links KIND FLAG... - builds user.c with what pkg-config says, and runs it
links() {
	# What it says of /usr is below $dir here; ours go first.
	flags=$(PKG_CONFIG_PATH="$dir/usr/lib/pkgconfig" pkg-config "$@" --cflags --libs flightbox)
	# shellcheck disable=SC2086
	${CC:-cc} -o "$dir/user" "$dir/user.c" -I"$dir/usr/include" -L"$dir/usr/lib" $flags || return 1
	[ "$(LD_LIBRARY_PATH="$dir/usr/lib" "$dir/user" "$traces/tcp-delay-classic/trace")" = 2 ]
}

links_static() {
	mv "$dir/usr/lib/libflightbox.so" "$dir/usr/lib/libflightbox.so.0" "$dir"
	links --static
}

# completes SHELL FILE - it is there, and says what the program that was installed says
completes() {
	"$dir/usr/bin/flightbox" completion "$1" | cmp - "$dir/usr/share/$2"
}

# completes_record SHELL FILE - the same of the recorder's
completes_record() {
	scripts/complete-record "$1" | cmp - "$dir/usr/share/$2"
}

hides_private_names() {
	! nm -g --defined-only "$dir/usr/lib/libflightbox.a" | grep ' [A-Z] ' | grep -v ' fb_'
}

check 'make install runs' installs
check 'the installed command reports' runs_as_installed
check 'the manual page is there' test -s "$dir/usr/share/man/man1/flightbox.1"
check 'the completion of bash is there' completes bash bash-completion/completions/flightbox
check 'the completion of zsh is there' completes zsh zsh/site-functions/_flightbox
check 'the completion of fish is there' completes fish fish/vendor_completions.d/flightbox.fish
check 'the recorder is there' test -x "$dir/usr/bin/flightbox-record"
check "the recorder's manual page is there" test -s "$dir/usr/share/man/man1/flightbox-record.1"
check "the recorder's completion of bash is there" completes_record bash \
	bash-completion/completions/flightbox-record
check "the recorder's completion of zsh is there" completes_record zsh zsh/site-functions/_flightbox-record
check "the recorder's completion of fish is there" completes_record fish \
	fish/vendor_completions.d/flightbox-record.fish
check 'only fb_ names are visible' hides_private_names
case $build in
*dev) ;; # a plain program cannot load a library with ASan in it
*)
	check 'a program links the shared library' links
	check 'a program links the static library' links_static
	;;
esac
exit $failed
