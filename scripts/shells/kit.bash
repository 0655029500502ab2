# bash completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.
# For bash 3.2 (macOS) and newer, with or without the bash-completion package.

_kit_shared='#SHARED'
_kit_presets='#PRESETS'
_kit_keys='#KEYS'

_kit_place() { # what may stand at place $1: $commands, $flags, the $first word and $more of them
  commands='' flags='' first='' more=''
  case $1 in
#PLACES
  esac
}

_kit_takes() { # what follows flag $2 at place $1: $takes, empty for a switch
  takes=''
  case $2 in
#USUAL
  esac
  case "$1 $2" in
#SPECIAL
  esac
}

_kit_bare() { # $1 without its quotes: $bare; nothing in it is expanded or run
  case $1 in
    \"*) bare=${1#\"} bare=${bare%\"} ;;
    \'*) bare=${1#\'} bare=${bare%\'} ;;
    *) bare=${1//\\/} ;;
  esac
}

_kit_words() { # $words: what is typed up to the cursor; bash has cut it at : and = as well
  local rest=${COMP_LINE:0:COMP_POINT} gap word i
  words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=${rest%%[![:space:]]*} rest=${rest#"${rest%%[![:space:]]*}"}
    word=$rest
    ((i < COMP_CWORD)) && word=${COMP_WORDS[i]} rest=${rest#"${COMP_WORDS[i]}"}
    if [[ $gap || $i == 0 || ! $word ]]; then
      words+=("$word")
    else
      words[${#words[@]} - 1]+=$word
    fi
  done
}

_kit_found() { # $found: the words that $takes means
  local each name
  for each in $takes; do
    case $each in
      :files | :folders | :any) ;;
      :presets) found+=($_kit_presets) ;;
      :keys) found+=($_kit_keys) ;;
      :at)
        while IFS= read -r name; do
          [[ -d $name ]] && name+=/
          found+=("@$name")
        done < <([[ $bare == @* ]] && compgen -f -- "${bare#@}")
        ;;
      :*)
        while IFS=$'\t' read -r name _; do
          found+=("$name")
        done < <(command kit complete "${each#:}" "$bare" "${words[@]:1}" 2>/dev/null)
        ;;
      *) found+=("$each") ;;
    esac
  done
}

_kit_offer() { # COMPREPLY: what of $found begins as was typed, quoted so that it is one word
  local typed=$1 lead=$2 cur=${1#"$2"} cut='' name word each
  for each in : =; do # readline replaces only what follows the last of these
    if [[ ${COMP_WORDBREAKS-:=} == *$each* && $typed == *$each* ]]; then
      word=${typed%"$each"*}$each
      ((${#word} > ${#cut})) && cut=$word
    fi
  done
  for name in ${found[@]+"${found[@]}"}; do
    [[ $name && $name == "$bare"* ]] || continue
    case $cur in # in a quote that is open: as it is, or not at all
      \"*) [[ $name == *[\"\\\$\`\!]* ]] || COMPREPLY+=("$name") ;;
      \'*) [[ $name == *\'* ]] || COMPREPLY+=("$name") ;;
      *)
        printf -v word '%s%q' "$lead" "$name"
        [[ $name == *[:/=.] ]] || word+=' '
        [[ $word == "$cut"* ]] && COMPREPLY+=("${word#"$cut"}")
        ;;
    esac
  done
}

_kit() {
  local IFS=$' \t\n' at=kit takes='' bare='' lead='' over='' seen=0 i
  local commands flags first more typed words=() found=()
  COMPREPLY=()
  _kit_words
  _kit_place kit
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    _kit_bare "${words[i]}"
    words[i]=$bare
    if [[ $takes ]]; then
      takes='' # this was the value of the flag before it
    elif [[ ! $over && $bare == -- ]]; then
      over=yes commands=''
    elif [[ ! $over && $bare == -?* ]]; then
      _kit_takes "$at" "$bare"
    elif [[ " $commands " == *" $bare "* ]]; then
      at+=" $bare"
      _kit_place "$at"
    else
      seen=1 commands=''
    fi
  done
  typed=${words[i]}
  if [[ ! $takes && ! $over && $typed == --*=* ]]; then
    lead=${typed%%=*}=
    _kit_takes "$at" "${lead%=}"
  elif [[ ! $takes && ! $over && $typed == -* ]]; then
    takes=$flags
  elif [[ ! $takes && $seen == 0 ]]; then
    takes="$commands $first"
  elif [[ ! $takes ]]; then
    takes=$more
  fi
  [[ $at == 'kit trace' && $typed == [0-9]* ]] && takes=:runs # kit trace RUN
  [[ ${words[i - 1]} == *[\<\>] ]] && takes=:files
  _kit_bare "${typed#"$lead"}"
  _kit_found
  _kit_offer "$typed" "$lead"
  case " $takes " in # with nothing to offer, -o default is file names; bash 3.2 has no compopt
    *' :files '* | *' :folders '*) ((${#COMPREPLY[@]})) || compopt +o nospace ;;
    *) compopt +o default ;;
  esac 2>/dev/null
  return 0
}
complete -o default -o nospace -F _kit kit
