# bash completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
declare -A _kit_commands _kit_flags _kit_valued
#WORDS
_kit() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} at=kit word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ " ${_kit_commands[$at]-} " == *" $word "* ]] && at=$at/$word
  done
  if [[ " ${_kit_valued[$at]-} " != *" $previous "* ]]; then
    if [[ $cur == -* ]]; then
      mapfile -t COMPREPLY < <(compgen -W "${_kit_flags[$at]-}" -- "$cur")
      return
    elif [[ ${_kit_commands[$at]-} ]]; then
      mapfile -t COMPREPLY < <(compgen -W "${_kit_commands[$at]}" -- "$cur")
      return
    fi
  fi
  mapfile -t COMPREPLY < <(kit complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${COMPREPLY[0]-} == :files ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
  elif ((${#COMPREPLY[@]})); then
    mapfile -t COMPREPLY < <(printf '%q\n' "${COMPREPLY[@]}")
  fi
}
complete -F _kit kit
