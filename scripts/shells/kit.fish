# fish completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
#WORDS
function __kit_complete
    set -l before (commandline -opc)[2..-1]
    set -l current (commandline -ct)
    set -l at kit
    for word in $before
        if contains -- $word (__kit_commands $at)
            set at "$at $word"
        end
    end
    if not set -q before[-1]; or not contains -- $before[-1] (__kit_valued $at)
        if string match -q -- '-*' "$current"
            __kit_flags $at
            return
        end
        set -l commands (__kit_commands $at)
        if set -q commands[1]
            printf '%s\n' $commands
            return
        end
    end
    set -l found (kit complete $before "$current" 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path "$current"
    else if set -q found[1]
        printf '%s\n' $found
    end
end
complete -c kit -f -a '(__kit_complete)'
