# fish completion for kit. Written by scripts/completions.py: do not edit.
function __kit_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    set -l found (kit complete $words 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete -c kit -f -a '(__kit_complete)'
