# SPDX-License-Identifier: ISC
# What zsh offers for the last of these words, on one line and sorted: a shell
# at a terminal of its own gets the line and the key Tab, and tells what is
# added to its list.
#
#	zsh -f tests/completion/offers.zsh FOLDER WORD...
emulate -L zsh
zmodload zsh/zpty || exit 1
export FOLDER=$1 ZDOTDIR=$(mktemp -d)
shift

cat >$ZDOTDIR/.zshrc <<'END'
PROMPT= RPROMPT=
fpath=($FOLDER $fpath)
autoload -Uz compinit && compinit -D -u
compadd() {
	local -a found
	# Calls that only ask which would match are none of ours.
	if [[ " $argv[1,(i)(-|--)]" != *" -"[OAD]* ]]; then
		builtin compadd -A found "$@"
		print -rl -- $found >>$ZDOTDIR/offers
	fi
	builtin compadd "$@"
}
finished() { exit }
comppostfuncs=(finished)
bindkey "^I" complete-word
END

{
	: >$ZDOTDIR/offers
	zpty shell env TERM=vt100 zsh -d -i
	zpty -w -n shell "${(j: :)${(@q)argv[1,-2]}} $argv[-1]"$'\t'
	while zpty -r shell line; do :; done
	print -r -- ${(ou)${(f)"$(<$ZDOTDIR/offers)"}}
} always {
	rm -rf $ZDOTDIR
}
