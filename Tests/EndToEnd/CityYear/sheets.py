"""Writes rows as the tables people have: their encodings, headings, dates, blanks and totals. Headings and names of values are the kinds' own
(seeds/batches), aliases among them."""
import csv
import datetime
import io
import os
import re
import zipfile

import openpyxl
from openpyxl.styles import Alignment, Font

FORMS = ["gb18030.csv", "xlsx", "utf-8-sig.csv", "gbk.csv", "utf-16.txt", "utf-8.csv", "gb18030.txt"]
SHORT = {"421303": ["曾都区", "曾都", "随州市曾都区"], "421321": ["随县", "随州市随县"], "421381": ["广水市", "广水"],
         "421300-GX": ["随州高新区", "高新区", "高新"], "421300-DHS": ["大洪山风景区", "大洪山"]}
SENDERS = {"county/421303": "曾都区退役军人事务局", "county/421321": "随县退役军人事务局", "county/421381": "广水市退役军人事务局",
           "department/421300-HR": "市人力资源和社会保障局", "department/421300-JD": "军地协调办公室", "department/421300-EDU": "市教育局",
           "bureau/421300": "市退役军人事务局"}
UNITS = {"LU-02": "驻随某部02", "LU-07": "驻随某部07"}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
EPOCH = datetime.date(1899, 12, 30)


class Field:
    def __init__(self, row):
        self.code, self.heading, self.format, self.unit = row["field"], row["heading"], row["format"], row["unit"]
        self.names = [self.heading] + [alias for alias in row["aliases"].split("|") if alias]
        self.required, self.carries = row["required"], row["carry"] == "yes"
        self.choices = {}
        if self.format == "choice":
            for value in row["values"].split("|"):
                code, names = value.split("=")
                self.choices[code] = names.split("/")


class Kind:
    def __init__(self, seeds, code):
        self.code, self.sums = code, []
        with open(os.path.join(seeds, "batches", code + ".csv"), encoding="utf-8") as file:
            lines = [line for line in csv.reader(file) if line and not line[0].startswith("#")]
        start = next(i for i, line in enumerate(lines) if line[0] == "field")
        for line in lines[:start]:
            if line[0] == "kind":
                self.title = line[2]
            if line[0] == "sum":
                self.sums = line[1].split("|")
        self.fields = [Field(dict(zip(lines[start], line))) for line in lines[start + 1:]]


def code_names(seeds, name):
    with open(os.path.join(seeds, "codes", name + ".csv"), encoding="utf-8") as file:
        return {line[0]: line[1] for line in csv.reader(file) if len(line) == 2 and line[0] not in ("version", "code")}


class Sheet:
    """One file: one kind, one sender, one period, one form."""

    def __init__(self, random, seeds, kind, sender, period, form, rows):
        self.random, self.seeds, self.kind, self.sender, self.period, self.form = random, seeds, kind, sender, period, form
        self.rows = sorted(rows, key=lambda row: row.values.get("county", ""))
        self.dates = random.choice(["dot", "slash", "chinese", "iso", "compact", "serial"])
        self.months = random.choice(["chinese", "slash", "iso", "compact"])
        self.short = random.random() < 0.7
        self.merges = random.random() < 0.5 and kind.code not in ("employment",)
        self.numbered = random.random() < 0.6
        self.wan = random.random() < 0.5
        present = {code for row in rows for code in row.values}
        self.fields = [f for f in kind.fields if f.required != "no" or f.code in present or random.random() < 0.4]
        self.headings = [self.heading(field) for field in self.fields]
        self.lists = {f.code: code_names(seeds, f.format[5:-1]) for f in self.fields if f.format.startswith("code(")}

    def heading(self, field):
        name = field.names[0] if self.random.random() < 0.6 else self.random.choice(field.names)
        if field.format == "money" and self.is_wan(field):
            return name + "（万元）"
        if field.unit and self.random.random() < 0.2:
            return f"{name}({field.unit})"
        return "*" + name if field.required == "yes" and self.random.random() < 0.1 else name

    def is_wan(self, field):
        return self.wan and field.code in ("cost", "turnover")

    # MARK: Cells

    def cell(self, field, value):
        if value == "":
            return ""
        if field.format == "date":
            return self.date(value)
        if field.format == "month":
            return self.month(value)
        if field.format == "money":
            return self.money(field, int(value))
        if field.format == "county":
            return self.random.choice(SHORT[value]) if self.short else SHORT[value][0]
        if field.format == "party":
            return UNITS[value]
        if field.format == "choice":
            return self.random.choice(field.choices[value])
        if field.format == "yes-no":
            return self.random.choice(("是", "√", "有") if value == "yes" else ("否", "×", "无"))
        if field.code in self.lists:
            return self.lists[field.code][value]
        return self.number(field, value)

    def number(self, field, value):
        if field.format in ("id-number", "phone"):
            value = value.replace("X", "x") if self.random.random() < 0.5 else value
            return value.translate(WIDE) if self.random.random() < 0.01 else value
        if field.format == "integer" or field.format.startswith("decimal"):
            if self.form == "xlsx":
                return float(value) if "." in value else int(value)
            if field.unit and self.random.random() < 0.02:
                return value + field.unit
        return value

    def date(self, value):
        day = datetime.date.fromisoformat(value)
        if self.form == "xlsx" and self.dates != "chinese":
            return day
        return {"dot": f"{day.year}.{day.month}.{day.day}", "slash": f"{day.year}/{day.month}/{day.day}", "chinese": f"{day.year}年{day.month}月{day.day}日",
                "iso": value, "compact": value.replace("-", ""), "serial": str((day - EPOCH).days)}[self.dates]

    def month(self, value):
        year, month = value.split("-")
        return {"chinese": f"{year}年{int(month)}月", "slash": f"{year}/{int(month)}", "iso": value, "compact": year + month}[self.months]

    def money(self, field, fen):
        if self.is_wan(field):
            text = f"{fen // 1_000_000}.{fen % 1_000_000:06d}".rstrip("0").rstrip(".")
            return float(text) if self.form == "xlsx" else text
        if self.form == "xlsx":
            return fen / 100
        yuan = f"{fen // 100:,}" if self.random.random() < 0.1 else str(fen // 100)
        return f"{yuan}.{fen % 100:02d}" if fen % 100 else yuan

    def lines(self):
        """Data rows; where cells are merged, the value stands in the first of them."""
        above = {}
        for number, row in enumerate(self.rows):
            cells = [number + 1] if self.numbered else []
            for field in self.fields:
                value = row.values.get(field.code, "")
                if self.merges and field.carries and field.code == "county" and above.get(field.code) == value and value:
                    cells.append("")
                else:
                    cells.append(self.cell(field, value))
                above[field.code] = value
            yield cells

    def totals(self):
        """合计 in the first column, the sums under their columns."""
        cells = ["合计"] + [""] * (len(self.fields) - 1 + self.numbered)
        for index, field in enumerate(self.fields):
            if field.code in self.kind.sums and index > 1:
                total = sum(int(row.values.get(field.code, "0").replace(".", "")) for row in self.rows)
                place = index + self.numbered
                if field.format == "money":
                    cells[place] = self.money(field, total)
                elif field.format == "integer":
                    cells[place] = total
                else:
                    cells[place] = f"{total // 10}.{total % 10}"
        return cells

    def table(self):
        width = len(self.fields) + self.numbered
        yield [f"{self.period or '2022'}年{self.kind.title}表"] + [""] * (width - 1)
        line = [f"填报单位：{SENDERS[self.sender]}", "", "", "填报人：示例填报人", "", "日期：2023.1.10"]
        yield (line + [""] * width)[:max(width, 6)] if width >= 6 else [line[0]]
        yield (["序号"] if self.numbered else []) + self.headings
        yield from self.lines()
        if self.kind.sums:
            yield self.totals()
        yield [f"填表人：示例填表人　审核人：示例审核人"] + [""] * (width - 1)

    # MARK: Files

    def write(self, folder):
        end = "xlsx" if self.form == "xlsx" else self.form.split(".")[1]
        name = f"{self.kind.title}{self.period or '2022'}.{end}"
        path = os.path.join(folder, name)
        if self.form == "xlsx":
            self.write_workbook(path)
        else:
            self.write_text(path)
        return name

    def write_text(self, path):
        encoding = self.form.split(".")[0]
        text = io.StringIO()
        writer = csv.writer(text, delimiter="\t" if self.form.endswith("txt") else ",", lineterminator="\r\n")
        for row in self.table():
            writer.writerow(row)
        data = text.getvalue()
        if encoding == "gbk":
            data = "".join(c if can_be_gbk(c) else "某" for c in data)
        with open(path, "wb") as file:
            file.write(b"\xff\xfe" + data.encode("utf-16-le") if encoding == "utf-16" else data.encode(encoding))

    def write_workbook(self, path):
        book = openpyxl.Workbook(write_only=True)
        book.properties.created = book.properties.modified = datetime.datetime(2023, 1, 10)
        sheet = book.create_sheet("Sheet1")
        for row in self.table():
            sheet.append([None if cell == "" else cell for cell in row])
        packed = io.BytesIO()
        book.save(packed)
        # The same rows are the same bytes: the archive's own times are fixed, too.
        with zipfile.ZipFile(packed) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
            for item in made.infolist():
                data = made.read(item)
                if item.filename == "docProps/core.xml":
                    data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2023-01-10T00:00:00Z", data)
                kept.writestr(zipfile.ZipInfo(item.filename, (2023, 1, 10, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def can_be_gbk(character):
    try:
        character.encode("gbk")
        return True
    except UnicodeEncodeError:
        return False
