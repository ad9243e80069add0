"""openpyxl as the other side: writes workbooks and says what is in them, or reads ours and says what it finds.

write SEED COUNT FOLDER   COUNT workbooks with random cells; beside N.xlsx its cells in N.txt
shapes FOLDER             workbooks of the shapes people have, likewise
read FILE                 the cells of a workbook
plain SEED COUNT          numbers as written, and rounded as CellNumber.plain does

A line a thing: `S name visibility`, `M range`, `C place kind value`, by tabs.
"""
import datetime
import decimal
import random
import struct
import sys

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def escaped(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def seconds(time):
    return time.hour * 3600 + time.minute * 60 + time.second + (1 if time.microsecond >= 500000 else 0)


def described(value, kind="n"):
    """kind, text; None for a cell that says nothing"""
    if value is None or value == "":
        return None
    if kind == "e":
        return "error", value
    if isinstance(value, bool):
        return "bool", str(value).lower()
    if isinstance(value, (int, float)):
        return "number", struct.pack(">d", float(value)).hex()
    if isinstance(value, datetime.datetime):
        day, since = value.date(), seconds(value)
        if since >= 86400:
            day, since = day + datetime.timedelta(days=1), since - 86400
        return "date", f"{day.isoformat()} {since}" if since else day.isoformat()
    if isinstance(value, datetime.date):
        return "date", value.isoformat()
    if isinstance(value, datetime.timedelta):
        return "time", str(round(value.total_seconds()))
    if isinstance(value, datetime.time):
        return "time", str(seconds(value))
    return "text", escaped(str(value))


def tell(book, out):
    for sheet in book.worksheets:
        print("S", escaped(sheet.title), sheet.sheet_state, sep="\t", file=out)
        # iter_rows would make every cell up to the last.
        for _, cell in sorted(sheet._cells.items()):
            found = described(cell.value, getattr(cell, "data_type", "n"))
            if found:
                print("C", cell.coordinate, *found, sep="\t", file=out)
        for merged in sorted(str(one) for one in sheet.merged_cells.ranges):
            print("M", merged if ":" in merged else f"{merged}:{merged}", sep="\t", file=out)


LETTERS = "abcXYZ019 _-.,;<>&\"'\n\t一二三龘𠮷䶮éß😀（）"


def text(r):
    return "".join(r.choice(LETTERS) for _ in range(r.choice([1, 2, 5, 18, 60, 400])))


def anything(r):
    pick = r.randrange(9)
    if pick < 3:
        # openpyxl takes a text that begins so for a formula.
        return text(r).lstrip("=") or "空"
    if pick == 3:
        return r.choice([0, 1, -1, r.randrange(-10**6, 10**6), r.randrange(10**15), r.randrange(10**18)])
    if pick == 4:
        return r.choice([0.1, 1.1, -2.5, r.random(), r.random() * 10**r.randrange(-9, 20), r.randrange(10**8) / 100])
    if pick == 5:
        return r.random() < 0.5
    if pick == 6:
        return datetime.date(1900, 3, 1) + datetime.timedelta(days=r.randrange(80000))
    if pick == 7:
        return datetime.datetime(1950, 1, 1) + datetime.timedelta(seconds=r.randrange(3 * 10**9))
    return r.choice(["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?"])


def random_book(r):
    book = openpyxl.Workbook()
    if r.random() < 0.2:
        book.epoch = CALENDAR_MAC_1904
    book.active.title = "表1"
    for extra in range(r.randrange(3)):
        sheet = book.create_sheet(f"第{extra + 2}张 & <名>")
        sheet.sheet_state = r.choice(["visible", "hidden", "veryHidden"])
    for sheet in book.worksheets:
        for _ in range(r.choice([0, 1, 30, 200])):
            cell = sheet.cell(r.choice([1, 2, 3, r.randrange(1, 60), r.randrange(1, 3000)]), r.choice([1, 2, r.randrange(1, 30), r.randrange(1, 800)]))
            if cell.value is not None:
                # Its date format would stay.
                continue
            value = anything(r)
            if book.epoch == CALENDAR_MAC_1904 and isinstance(value, datetime.date) and value.year < 1905:
                continue
            cell.value = value
            if r.random() < 0.1:
                cell.font = Font(bold=True)
        if r.random() < 0.3:
            sheet.merge_cells("B2:D3")
    return book


def save(book, path):
    book.save(path)
    # As openpyxl reads it: it writes numbers with 16 digits.
    with open(path[:-5] + ".txt", "w", encoding="utf-8", newline="\n") as out:
        tell(openpyxl.load_workbook(path, data_only=True), out)


def shapes(folder):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "富文本"
    sheet["A1"] = CellRichText("前", TextBlock(InlineFont(b=True), "加粗"), " 后")
    sheet["A2"] = "  前后空格  "
    sheet["A3"] = "一行\n两行"
    sheet["B5"] = "<&>\"'"
    save(book, f"{folder}/rich.xlsx")

    for epoch in ["1900", "1904"]:
        book = openpyxl.Workbook()
        if epoch == "1904":
            book.epoch = CALENDAR_MAC_1904
        sheet = book.active
        days = [datetime.date(2023, 3, 10), datetime.date(2000, 2, 29), datetime.date(9999, 12, 31), datetime.date(1905, 1, 1)]
        formats = ["yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[$-804]yyyy\\.m\\.d;@", "mm-dd-yy", "d-mmm-yy", "yyyy/m/d;@", 'yyyy"年"m"月"']
        for row, day in enumerate(days, 1):
            for column, form in enumerate(formats, 1):
                cell = sheet.cell(row, column, day)
                cell.number_format = form
        sheet["A6"] = datetime.datetime(2023, 3, 10, 8, 30, 59)
        sheet["A7"] = datetime.time(8, 30)
        sheet["A8"] = datetime.timedelta(hours=30, minutes=15)
        sheet["A9"] = 45000
        sheet["A9"].number_format = '0.00"元"'
        sheet["A10"] = 45000
        sheet["A10"].number_format = "[Red]#,##0.00_);(#,##0.00)"
        sheet["A11"] = 45000.5
        sheet["A11"].number_format = "0.00E+00"
        save(book, f"{folder}/dates{epoch}.xlsx")

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    sheet.append(["身份证号", "姓名", "金额"])
    sheet.append(["42130219900101001X", "张三", 1234.56])
    sheet.append([421302199001010028, "李四", 1.1])
    sheet.append([4.2130219900101e17, "", None])
    save(book, f"{folder}/numbers.xlsx")

    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "标题"
    sheet.merge_cells("A1:D1")
    sheet["A2"] = "填报单位："
    sheet["XFD1048576"] = "最后一格"
    sheet["C70000"] = True
    sheet.row_dimensions[2].hidden = True
    sheet["B2"] = "#DIV/0!"
    book.create_sheet("隐藏").sheet_state = "hidden"
    save(book, f"{folder}/sparse.xlsx")


def formulas(path):
    """Formulas without results, which LibreOffice then computes."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A3"] = 1, 2, "=A1+A2"
    sheet["B1"], sheet["B2"] = '="文"&"本"', "=1/0"
    sheet["B3"], sheet["B4"] = "=A1=1", "=DATE(2023,3,10)"
    sheet["B4"].number_format = "yyyy-mm-dd"
    sheet["B5"] = '=""'
    book.save(path)


def plain(r, count):
    for _ in range(count):
        value = r.choice([r.random() * 10 ** r.randrange(-12, 15), r.randrange(10**9) / 100, r.uniform(-5, 5), r.randrange(10**9) / 100 + 0.2])
        written = repr(value)
        exact = decimal.Decimal(written)
        digits = max(15, exact.adjusted() + 1)
        rounded = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_UP).plus(exact)
        shown = format(rounded, "f")
        if "." in shown:
            shown = shown.rstrip("0").rstrip(".")
        print(written, "0" if shown in ("-0", "") else shown)


def main():
    command, *rest = sys.argv[1:]
    if command == "write":
        r = random.Random(int(rest[0]))
        for number in range(int(rest[1])):
            save(random_book(r), f"{rest[2]}/{number}.xlsx")
    elif command == "shapes":
        shapes(rest[0])
    elif command == "formulas":
        formulas(rest[0])
    elif command == "read":
        tell(openpyxl.load_workbook(rest[0], data_only=True), sys.stdout)
    elif command == "plain":
        plain(random.Random(int(rest[0])), int(rest[1]))


main()
