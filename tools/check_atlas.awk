# Holds our tables and rules against the pinned catalogue: a wrong pair of id and name, or an id that does not exist, ends
# the build. Run by cmake/CheckAtlas.cmake: awk -f check_atlas.awk TABLES… SOURCES…
# TABLES come first and in this order: tactics techniques mitigations casestudies controls, then the rest of data/atlas.
BEGIN { FS = "\t" }

function wrong(what) {
  print FILENAME ":" FNR ": " what
  bad = 1
}
function known(id) {
  if (!(id in names)) wrong("'" id "' is not in ATLAS as pinned")
}
function pair(id, name) {
  if (!(id in names)) {
    wrong("'" id "' is not in ATLAS as pinned")
  } else if (names[id] != name) {
    wrong("'" id "' is '" names[id] "' in ATLAS as pinned, not '" name "'")
  }
}
function each_known(list, count, ids, i) {
  count = split(list, ids, ";")
  for (i = 1; i <= count; ++i) known(ids[i])
}
function each_control(list, count, ids, i) {
  if (list == "-") return
  count = split(list, ids, ";")
  for (i = 1; i <= count; ++i)
    if (!(ids[i] in controls)) wrong("'" ids[i] "' is no control of controls.tsv")
}

FNR == 1 {
  table = FILENAME
  sub(/^.*\//, "", table)
  is_table = table ~ /\.tsv$/
  if (is_table) {
    delete column
    for (i = 1; i <= NF; ++i) column[$i] = i
    width = NF
    next
  }
}
is_table && NF != width { wrong(NF " cells, the header has " width); next }

table == "tactics.tsv" || table == "techniques.tsv" || table == "mitigations.tsv" || table == "casestudies.tsv" {
  if ($1 in names) wrong("'" $1 "' comes twice")
  names[$1] = $2
  next
}
table == "controls.tsv" { controls[$1] = 1; next }
table == "control_map.tsv" {
  pair($1, $2)
  if ($column["subtechnique_of"] != "") known($column["subtechnique_of"])
  each_known($column["tactic_ids"])
  each_known($column["atlas_mitigations"])
  each_control($column["controls"])
  if ($column["class"] != "document" && ($column["drill_id"] == "" || $column["drill"] == "" || $column["oracle"] == ""))
    wrong("'" $1 "' is in reach and has no drill or no oracle")
  next
}
table == "mitigation_map.tsv" { pair($1, $2); each_control($column["controls"]); next }
table == "casestudy_drills.tsv" { pair($1, $2); each_control($column["control_ids"]); next }
table == "mitigation_technique.tsv" { known($1); known($2); next }
table == "casestudy_steps.tsv" { known($1); known($column["tactic_id"]); known($column["technique_id"]); next }
table == "crosswalk.tsv" { each_control($column["controls"]); next }
is_table { next }

# A source: every id that it names.
/AML\./ {
  rest = $0
  while (match(rest, /AML\.(TA|T|M|CS)[0-9][0-9]*(\.[0-9][0-9]*)?/)) {
    known(substr(rest, RSTART, RLENGTH))
    rest = substr(rest, RSTART + RLENGTH)
  }
}

END { exit bad }
