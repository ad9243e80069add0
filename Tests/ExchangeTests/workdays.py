"""One line a year that the library holds: the year, then 1 (work) or 0 (off) for each of its days. Arguments: first year, last year."""

import datetime
import sys

from chinese_calendar import is_workday

for year in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    day, bits = datetime.date(year, 1, 1), ""
    try:
        while day.year == year:
            bits += "1" if is_workday(day) else "0"
            day += datetime.timedelta(1)
    except NotImplementedError:
        continue
    print(year, bits)
