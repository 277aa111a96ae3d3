#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_ci.sh - the commands of docs/ci.md, taken from the page, do what it says: with other runs of a
# recorded trace in place of the recorder, and fakes of what fetches and publishes.
# shellcheck disable=SC1091,SC2154,SC2317,SC2016 # not followed; called by name; text for others
set -u
LC_ALL=C
export LC_ALL

# shellcheck source-path=SCRIPTDIR source=bt2.sh
. "$(dirname "$0")/bt2.sh"
# shellcheck source-path=SCRIPTDIR source=population.sh
. "$(dirname "$0")/population.sh"
trap 'rm -rf "$tmp"' EXIT
root=$(cd "$(dirname "$0")/.." && pwd)
page=$root/docs/ci.md
flightbox=$(realpath "$flightbox") plugins=$(realpath "$plugins") traces=$(realpath "$traces")
mkdir "$tmp/bin"
ln -s "$flightbox" "$tmp/bin/flightbox"

# block TITLE LANGUAGE - the first code in that language below that title
block() {
	awk -v title="## $1" -v begin="\`\`\`$2" '
		$0 == title { below = 1; next }
		below && $0 == begin { inside = 1; next }
		inside && $0 == "```" { exit }
		inside' "$page"
}

# commands - of the workflow on stdin, those of steps (run:) or of a script, in their order
commands() {
	awk '
		function indent(line) { match(line, /^ */); return RLENGTH }
		text && ($0 ~ /^ *$/ || indent($0) > depth) { print substr($0, column + 1); next }
		{ text = 0 }
		/^ *script:$/ { script = indent($0) + 1; next }
		script && indent($0) < script { script = 0 }
		/^ *run: \|$/ || (script && /^ *- \|$/) {
			text = 1; depth = indent($0); column = depth + 2; next
		}
		/^ *(- )?run: / { sub(/^ *(- )?run: /, ""); print; next }
		script && /^ *- / { sub(/^ *- /, ""); print }'
}

# fake NAME - a program of stdin
fake() {
	{
		echo '#!/usr/bin/env bash'
		cat
	} >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# The recorder must know the options; what it records is the next run.
cat >"$tmp/next-run" <<END
. "$root/tests/population.sh"
flightbox=$flightbox plugins=$plugins traces=$traces tmp=$tmp
seed=\$((\$(cat "$tmp/seed") + 1))
echo "\$seed" >"$tmp/seed"
if [ "\$(cat "$tmp/kind")" = later ]; then
	make_run "\$1" "\$seed" --move "\$later"
else
	make_run "\$1" "\$seed"
fi
END
fake flightbox-record <<END
"$root/scripts/record" --dry-run "\$@" >/dev/null 2>&1 || exit 1
[ "\$1" = -o ] && [ ! -e "\$2" ] && [ "\$*" = "-o \$2 -- ./run-tests" ] && . "$tmp/next-run" "\$2"
END
fake sudo <<<'exec "$@"'
fake make <<<':'
fake gh <<END
echo "gh \$*" >>"$tmp/calls"
case "\$1 \$2" in
"run list") echo 4711 ;;
"run download") [ "\$*" = "run download 4711 --name waits --dir base" ] && mkdir base && cp "$tmp/base.json" base/waits.json ;;
*) exit 1 ;;
esac
END
fake curl <<END
echo "curl \$*" >>"$tmp/calls"
for argument; do
	[ "\$argument" != base.json ] || cp "$tmp/base.json" base.json
	[ "\$argument" != body@waits.md ] || cp waits.md "$tmp/comment"
done
END

# job KIND SEED - runs the commands on stdin as a job on new runs; it leaves its files in $tmp/job. The
# page's limits are for the recorded program.
job() {
	rm -rf "$tmp/job" "$tmp/calls" "$tmp/comment" "$tmp/summary" && mkdir "$tmp/job" && echo "$1" >"$tmp/kind" &&
		echo "$2" >"$tmp/seed" && block 'The limits' budget | sed 's/"server"/"waits"/' >"$tmp/job/waits.budget" && (
		cd "$tmp/job" && GITHUB_STEP_SUMMARY=$tmp/summary CI_COMMIT_BRANCH=${branch-} CI_DEFAULT_BRANCH=main \
			CI_JOB_TOKEN=t WAITS_TOKEN=t CI_API_V4_URL=https://gitlab.invalid/api/v4 CI_PROJECT_ID=1 \
			CI_MERGE_REQUEST_IID=2 PATH=$tmp/bin:$PATH bash -euo pipefail 2>"$tmp/said" -c "$(cat)"
	)
}

finds_the_commands() {
	block 'GitHub Actions' yaml | commands >"$tmp/github" && block GitLab yaml | commands >"$tmp/gitlab" &&
		[ "$(grep -c 'flightbox' "$tmp/github")" -eq 5 ] && [ "$(grep -c 'flightbox' "$tmp/gitlab")" -eq 5 ]
}
check "ci: the page has two workflows" finds_the_commands

# On the main branch: no comparison, a profile is left.
makes_the_base() {
	branch=main job as-it-was 100 <"$tmp/gitlab" && [ ! -e "$tmp/calls" ] &&
		cp "$tmp/job/waits.json" "$tmp/base.json" &&
		[ "$(grep -c '^{"id":' "$tmp/base.json")" -eq 8 ]
}
check "ci: a job of the main branch leaves a profile of eight runs" makes_the_base

# regressions - the names of the test cases that failed
regressions() {
	xmllint --noout --schema "$root/tests/junit.xsd" "$tmp/job/waits.xml" "$tmp/job/budget.xml" 2>/dev/null &&
		xmllint --xpath '//testcase[failure]/@name' "$tmp/job/waits.xml" 2>/dev/null
}
expected=' name="waits in sys_read, woken by TIMER timerfd_tmrproc"'

passes() {
	job as-it-was "$2" <"$tmp/$1" && ! regressions
}
fails_and_names_it() {
	job later "$2" <"$tmp/$1"
	[ $? -eq 3 ] && [ "$(regressions)" = "$expected" ]
}

check "ci: on GitHub a change of nothing passes" passes github 200
github_fetches() {
	grep -q '^gh run list .*--branch main ' "$tmp/calls" && grep -q 'stayed the same$' "$tmp/summary"
}
check "ci: on GitHub the base is fetched and the summary written" github_fetches
check "ci: on GitHub 20 ms more in a read fail, and JUnit names it" fails_and_names_it github 300
summary_tells() {
	cmark-gfm -e table "$tmp/summary" | grep -q '<td align="left">worse</td>'
}
check "ci: on GitHub the summary names it" summary_tells

check "ci: on GitLab a change of nothing passes" passes gitlab 400
check "ci: on GitLab 20 ms more in a read fail, and JUnit names it" fails_and_names_it gitlab 500
gitlab_publishes() {
	grep -q '^curl .*JOB-TOKEN: t .*/jobs/artifacts/main/raw/waits.json?job=waits$' "$tmp/calls" &&
		grep -q '^curl .*/merge_requests/2/notes$' "$tmp/calls" && cmark-gfm -e table "$tmp/comment" |
		grep -q '<td align="left">worse</td>'
}
check "ci: on GitLab the base is fetched and the comment written" gitlab_publishes

# No wait of the recorded program falls under the page's limits; one that it breaks fails the job, and
# limits for a program that is not there cannot be told.
limits_are_checked() {
	grep -c '<testcase .*time="0">$' "$tmp/job/budget.xml" | grep -qx 4 || return 1
	sed 's/--budget waits.budget/--budget mine/' "$tmp/gitlab" >"$tmp/mine"
	{
		echo 'echo "process=waits syscall=nanosleep max < 1ms" >mine'
		cat "$tmp/mine"
	} | branch=main job as-it-was 600
	[ $? -eq 3 ] && xmllint --xpath '//testcase[failure]/@name' "$tmp/job/budget.xml" |
		grep -q 'process=waits syscall=nanosleep max &lt; 1ms'
}
check "ci: a limit that is not kept fails the job" limits_are_checked

knows_the_process() {
	{
		echo 'echo "process=server syscall=fsync max < 1ms" >waits.budget'
		cat "$tmp/gitlab"
	} | branch=main job as-it-was 700
	[ $? -eq 4 ] && grep -q 'waits.budget:1: process=server .* cannot be told' "$tmp/said"
}
check "ci: a limit for a process that is not there is status 4" knows_the_process

exit "$failed"
