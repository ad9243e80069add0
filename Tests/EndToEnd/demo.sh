#!/usr/bin/env bash
# demo.sh [BIN] [REPORT]: plays the whole story on a throw-away directory: both lists and one family's case, each step as the
# officer whose turn it is. What it printed stays in REPORT. Fails at the first step that does not end as it should.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:-.build/release}")
report=$(realpath -m "${2:-.run/demo-report.txt}")
mkdir -p "$(dirname "$report")"
. Tests/EndToEnd/city.sh
exec > >(tee "$report") 2>&1

say() { printf '\n—— %s\n' "$*"; }
as() { # as OFFICER COMMAND…: one line of a clerk's terminal
  local officer=$1; shift
  printf '\n[%s] $ twolists' "$officer"; printf ' %q' "$@" | sed 's/\$'"'"'.*'"'"'/…/' ; echo
  client "$officer" "$@"
}
in_days() { TZ=Asia/Shanghai date -d "+$1 days" +%F; } # a day of the calendar, so many days from today
file_as() { # file_as OFFICER COMMAND…: submits and prints the target id
  local officer=$1; shift
  client "$officer" --json "$@" | tee "$dir/answer.json" >/dev/null
  field target < "$dir/answer.json"
}

say "A city from its seeds, with certificates of its own"
begin_city
as u7l1 health
as u7l1 whoami

say "部队提 → 地方办: a unit asks for a road"
road=$(file_as u7l1 request submit --title 营区东门道路修缮 --content 东门道路破损约两百米，雨天积水，请协助修缮 \
  --category road --contact-name 示例联系人甲 --contact-phone 0722-0000001)
as u7l1 request show "$road"
as b1a1 request accept "$road"
as b1s2 request decide "$road" --decision included
as b1s2 request assign "$road" --responsible county/421321 --content 修缮营区东门道路二百米 --deadline "$(in_days 240)" \
  --standard 沥青路面，验收合格 --first-post 分管副县长 --second-post 县交通运输局局长
as k7f2 request acknowledge "$road"
as k7f2 request progress "$road" --percent 40 --note 路基已完成
as k7f2 request report "$road" --grade solved --summary 道路修缮完毕，已验收
as u7l1 request confirm "$road" --satisfaction satisfied
as u7l1 request history "$road"

say "地方提 → 部队办: a county asks a unit for help on Martyrs' Day"
guard=$(file_as k7f2 request submit --title 烈士纪念日仪仗 --content 请派仪仗参加烈士纪念日公祭 \
  --category honour-guard --addressed-to unit/LU-07 --contact-name 示例联系人乙 --contact-phone 0722-0000002)
as b1a1 request accept "$guard"
as b1s2 request decide "$guard" --decision included
as b1s2 request assign "$guard" --responsible unit/LU-07 --content 派出仪仗参加公祭 --deadline "$(in_days 300)" \
  --standard 按烈士公祭办法 --first-post 政治工作主官 --second-post 群众工作干事
as u7l1 request acknowledge "$guard"
as u7l1 request progress "$guard" --percent 100
as u7l1 request report "$guard" --grade solved --summary 已圆满完成
as k7f2 request confirm "$guard" --satisfaction mostly --note 时间略紧
as b1a1 request list

say "随军家属就业安置: a spouse's case"
case=$(file_as u7l1 case file --rank-band officer-middle --years-band 8-12 --merit third-battle --hardship border \
  --approval-organ brigade --name 示例家属 --id-number 11010519491231002X --schooling bachelor \
  --profession civil-servant --wish 希望在市区对口安置)
as u7l1 case show "$case"
as b1s2 case review "$case" --handler department/421300-HR
as d5h2 case show "$case"
as d5h2 case receiver "$case" --employer 示例单位
as u7l1 case show "$case"
as d5h2 case conclude "$case" --placed yes --channel matching-civil --employer 示例单位 --post 科员 --starts "$(in_days 90)"
as u7l1 case confirm "$case" --satisfaction satisfied
as u7l1 case history "$case"

say "What a clerk sees when something is wrong"
refused() { local expected=$1; shift; local code=0; as "$@" || code=$?
  [ "$code" = "$expected" ] || { echo "expected exit code $expected, got $code"; exit 1; }; }
refused 3 b1a1 request accept "$road"
refused 3 u7l1 request submit --title 请示 --content 驻地坐标东经113.371234度北纬31.712345度 --category road --contact-name 甲 --contact-phone 1
refused 5 u2l4 request show "$road"
refused 4 k7f2 request decide "$guard" --decision included

say "The journal proves it: stop, verify, and no name in any file"
end_city
tail -n 2 "$dir/server.log"
verify_city
"$bin/twolists-server" dump --data "$dir/data" --from 45 --count 3
for text in 示例联系人 示例家属 11010519491231002X 0722-0000001 道路破损; do
  if grep -rqaF "$text" "$dir/data"; then echo "FOUND $text in the data directory"; exit 1; fi
done
echo "grep of the data directory: no name, contact or ID number that was filed"
say "done; this report: $report"
