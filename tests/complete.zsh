# SPDX-License-Identifier: MIT
# complete.zsh DIRECTORY LINE - how zsh completes the line with the functions in the directory: one
# match a line. Only the line editor of a terminal can tell. Leaves a file in TMPDIR.
emulate -R zsh
zmodload zsh/zpty zsh/zselect
directory=$1 line=$2
found=$(mktemp) || exit 1

zpty shell zsh -f -i
zpty -w shell "PS1= found=${(q)found}; setopt extendedglob; fpath=(${(q)directory} \$fpath)"
zpty -w shell 'autoload -Uz compinit; compinit -u -D'
# What only asks which words match has -O, -A or -D; all else adds them to the list.
zpty -w shell 'compadd() {
	local -a matches
	if [[ " $* " != *" -"[a-zA-Z]#[OAD]" "* ]]; then
		builtin compadd -O matches "$@"
		(( ! $#matches )) || print -rl -- $matches >>$found
	fi
	builtin compadd "$@"
}'
zpty -w shell 'record() { _main_complete; print END >>$found }'
zpty -w shell 'zle -C record complete-word record; bindkey "^I" record'
zpty -w -n shell $line$'\t'
for (( i = 0; i < 3000; i++ )); do
	grep -qx END $found && break
	zselect -t 1
done
grep -vx END $found
exit 0
