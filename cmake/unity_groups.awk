# Divides C++ files into groups that can be compiled as one unit each: no two files of a group give different meanings to a
# name, be it by a definition, by `using` or by an alias; functions of things of different types are told apart. Prints
# GROUP<tab>FILE for each file, groups counted from 0, at most `most` files in each. It relies on the formatting that
# scripts/format makes and need not be exact: a clash that it overlooks is a compile error.
function note(name, meaning) {
  if (name == "" || (file, scope, name, meaning) in seen) return
  seen[file, scope, name, meaning] = 1
  uses[file] = uses[file] name "|" scope "::|" meaning "\n"
}

# Whether one namespace is within the other, or the same: only then can its names be mistaken for the other's.
function nested(a, b) {
  return substr(a, 1, length(b)) == b || substr(b, 1, length(a)) == a
}

# Whether two meanings of a name cannot stand in one unit. That of a function whose first parameter is a T ends with "(T".
function clash(a, b) {
  if (a == b) return 0
  if (a !~ /\(/ || b !~ /\(/) return 1
  sub(/.*\(/, "", a)
  sub(/.*\(/, "", b)
  return a == b
}

# Whether a file fits into a group. `own` holds the `n` names that it uses.
function fits(g, n,    i, j, m, mine, others, other) {
  if (size[g] >= most) return 0
  for (i = 1; i <= n; ++i) {
    split(own[i], mine, "|")
    m = split(taken[g, mine[1]], others, "\n") - 1
    for (j = 1; j <= m; ++j) {
      split(others[j], other, "|")
      if (clash(other[3], mine[3]) && nested(other[2], mine[2])) return 0
    }
  }
  return 1
}

function last_word(text) {
  sub(/[^A-Za-z0-9_]+$/, "", text)
  if (text !~ /(^|[ *&>])[A-Za-z0-9_]+$/) return ""  # a member of a class, defined outside of it: A::b
  sub(/.*[^A-Za-z0-9_]/, "", text)
  return text
}

FNR == 1 {
  file = FILENAME
  files[++count] = file
  depth = 0
  scope = ""
  raw = 0
}

# Texts of several lines.
raw { raw = !/\)"/; next }
/R"\(/ && !/R"\(.*\)"/ { raw = 1 }

/^\[\[/ { sub(/^(\[\[[^]]*\]\] *)+/, "") }

/^namespace .*\{$/ {
  opened[++depth] = scope
  if ($2 != "{") scope = scope "::" $2
  next
}
/^}  \/\/ namespace/ { if (depth > 0) scope = opened[depth--]; next }
/^using namespace/ { next }
/^namespace [A-Za-z0-9_]+ = / { note($2, $0); next }
/^using / {
  name = meaning = $0
  sub(/ perch::/, " ", meaning)
  sub(/;.*/, "", name)
  if (name ~ / = /) name = $2; else sub(/.*(::| )/, "", name)
  gsub(/[= ]/, "", meaning)
  note(name, meaning)
  next
}
/^(template|typedef|TEST_CASE|friend|extern|[ }#\/)])/ { next }
/^(struct|class|enum|union) / {
  text = $0
  sub(/^(struct|class|enum class|enum|union) /, "", text)
  if (text ~ /^[A-Za-z0-9_]+ *(:[^:]|[{]|final|$)/) {
    sub(/[^A-Za-z0-9_].*/, "", text)
    note(text, file)
  }
  next
}
/^[A-Za-z_]/ {
  text = $0
  sub(/\/\/.*/, "", text)
  meaning = file
  # A function whose first parameter is a reference to const, or a type of ours.
  if (match(text, /\((const [A-Za-z0-9_:<>]+&|([a-z]+::)*[A-Z][A-Za-z0-9_:]*[&*]?) [a-z0-9_]+[,)]/)) {
    meaning = substr(text, RSTART + 1)
    sub(/^const /, "", meaning)
    sub(/[&*]? .*/, "", meaning)
    sub(/.*::/, "", meaning)
    meaning = file "(" meaning
  }
  sub(/ noexcept/, "", text)
  if (match(text, /[A-Za-z0-9_] *[({=;[]/)) note(last_word(substr(text, 1, RSTART)), meaning)
  while (match(text, /[ *&][A-Za-z0-9_]+ = /)) {  # constexpr int a = 1, b = 2;
    note(last_word(substr(text, 1, RSTART + RLENGTH - 3)), file)
    text = substr(text, RSTART + RLENGTH)
  }
}

END {
  groups = 0
  for (f = 1; f <= count; ++f) {
    n = split(uses[files[f]], own, "\n") - 1
    g = 0
    while (g < groups && !fits(g, n)) ++g
    if (g == groups) ++groups
    ++size[g]
    for (i = 1; i <= n; ++i) {
      split(own[i], mine, "|")
      taken[g, mine[1]] = taken[g, mine[1]] own[i] "\n"
    }
    print g "\t" files[f]
  }
}
