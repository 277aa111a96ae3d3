# SPDX-License-Identifier: MIT
# comment-names.awk - the names of files in comments of C sources: "FILE:LINE NAME". Names of one or two
# letters are members of structs, m.c; paths of the kernel's and of the C library's sources are theirs.
function names(text) {
	while (match(text, /[A-Za-z0-9_][A-Za-z0-9_\/.-]*\.(c|h|sh|md|awk|py)/)) {
		name = substr(text, RSTART, RLENGTH)
		after = substr(text, RSTART + RLENGTH, 1)
		text = substr(text, RSTART + RLENGTH)
		if (after ~ /[A-Za-z0-9_(]/ || name ~ /^(include\/(linux|uapi|trace)|linux|instrumentation|kernel\/softirq)/)
			continue
		if (name ~ /[a-z0-9_-][a-z0-9_-][a-z0-9_-]\.[a-z]+$/)
			print FILENAME ":" FNR, name
	}
}

FNR == 1 { inside = 0 }
{
	for (line = $0; line != ""; line = rest) {
		mark = inside ? "*/" : "/*"
		at = index(line, mark)
		rest = at ? substr(line, at + 2) : ""
		if (inside)
			names(at ? substr(line, 1, at - 1) : line)
		if (at)
			inside = !inside
	}
}
