# fish completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.

set -g __kit_places #PLACES
set -g __kit_presets #PRESETS
set -g __kit_keys #KEYS
set -g __kit_valued #VALUED

function __kit_look # $__kit_place: where the cursor is (trace/show); $__kit_seen: words since then
    set -l words (commandline -opc)
    test "$words" = "$__kit_line"; and return
    set -g __kit_line $words
    set -g __kit_place kit
    set -g __kit_seen 0
    set -l value
    for word in $words[2..-1]
        if set -q value[1]
            set -e value
        else if contains -- $word $__kit_valued
            set value yes
        else if string match -q -- '-*' $word
        else if test $__kit_seen = 0; and contains -- (__kit_below $word) $__kit_places
            set __kit_place (__kit_below $word)
        else
            set __kit_seen (math $__kit_seen + 1)
        end
    end
end

function __kit_below
    test $__kit_place = kit; and echo $argv; or echo $__kit_place/$argv
end

function __kit_at # __kit_at PLACE …: in one of these
    __kit_look
    contains -- $__kit_place $argv
end

function __kit_first # the same, and no word typed since
    __kit_at $argv; and test $__kit_seen = 0
end

function __kit_later
    __kit_at $argv; and test $__kit_seen != 0
end

function __kit_ask # names that kit knows, a line each, perhaps with a tab and what they are
    set -l current (commandline -ct | string replace -r -- '^--[^=]*=' '')
    string match -q -- '-*' "$current"; and return
    command kit complete $argv[1] (string unescape -- "$current") (commandline -opc) 2>/dev/null
end

function __kit_files # @FILE
    set -l current (commandline -ct | string replace -r -- '^--[^=]*=' '')
    string match -q -- '@*' "$current"; or return
    complete -C "__kit_none $(string sub -s 2 -- $current)" | string replace -r -- '^' @
end

complete -c kit -f
complete -c kit -n '__kit_first trace; and string match -qr "^[0-9]" -- (commandline -ct)' -a '(__kit_ask runs)'
#COMPLETE
