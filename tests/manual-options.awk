# SPDX-License-Identifier: MIT
# manual-options.awk - which command takes which option, by the manual: "COMMAND --OPTION", and
# "COMMAND --OPTION CHOICE" for each value that it lists. `commands`: all that there are.
#
# A list of options says in the words before it whose they are: "All commands take:", "All but
# X and Y take:", "X and Y take:".

# say(LETTERS) - the option, of all whose the list is, and the values behind it
function say(name,    command, i) {
	for (command in whose) {
		print command, "--" name
		for (i = 1; i <= n_choices; i++)
			print command, "--" name, choices[i]
	}
}

BEGIN {
	split(commands, every, " ")
	for (i in every)
		is_command[every[i]] = 1
}

/^\.(Pp|Sh|Ss|El)/ { delete named; all = but = in_list = 0; next }
/^All commands take:$/ { all = 1 }
/^All but$/ { but = 1 }
/^\.Cm / && !in_list {
	for (i = 2; i <= NF; i++)
		if ($i in is_command)
			named[$i] = 1
}
/takes?:$/ {
	delete whose
	for (command in is_command)
		if (all || (command in named) != but)
			whose[command] = 1
	is_list = 1
	next
}
/^\.Bl/ { in_list = is_list; is_list = 0; next }
/^\.It Fl/ && in_list {
	n_choices = 0
	if ($0 ~ / Cm .* \| /) {
		rest = $0
		sub(/.* Cm /, "", rest)
		n_choices = split(rest, choices, " [|] ")
	}
	for (i = 2; i <= NF; i++)
		if ($i == "Fl" && $(i + 1) == "Fl")
			say($(i + 2))
	next
}
!/^\./ { is_list = 0 }
