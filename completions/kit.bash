# bash completion for kit. Written by scripts/completions.py: do not edit.
_kit() {
  local IFS=$'\n' cur=${COMP_WORDS[COMP_CWORD]}
  mapfile -t COMPREPLY < <(kit complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${COMPREPLY[0]-} == :files ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _kit kit
