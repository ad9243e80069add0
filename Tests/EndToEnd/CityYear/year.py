"""The rows of the city's year 2022 by kind, as values in canonical text, each with its sender. Big registers follow the scale; small ones are whole."""
import csv
import datetime
import os
from collections import namedtuple

from people import COUNTIES, HOSTS, SHARES, TOWNS, credit_code, day

YEAR = 2022
Row = namedtuple("Row", "kind sender period values")
HR, JD, EDU, BUREAU = "department/421300-HR", "department/421300-JD", "department/421300-EDU", "bureau/421300"


class Year:
    def __init__(self, random, people, scale, seeds):
        self.random, self.people, self.seeds = random, people, seeds
        self.rows = []
        self.big = lambda count: max(1, round(count * scale))
        for part in (self.cards, self.dossiers, self.pensions, self.working_age, self.memorials, self.activities,
                     self.employment, self.cases, self.recruits, self.honours, self.rescue, self.fund, self.fairs,
                     self.welfare_posts, self.companies, self.points, self.villages, self.teams):
            part()

    def add(self, kind, sender, period="", **values):
        self.rows.append(Row(kind, sender, period, {k: str(v) for k, v in values.items() if v not in ("", None)}))

    def county(self):
        return self.random.choices(COUNTIES, SHARES)[0]

    def sender(self, county):
        return "county/" + HOSTS.get(county, county)

    def person(self, person):
        return {"name": person.name, "id_number": person.id, "county": person.county}

    def month(self, year=YEAR):
        return f"{year}-{self.random.randint(1, 12):02d}"

    def codes(self, name):
        with open(os.path.join(self.seeds, "codes", name + ".csv"), encoding="utf-8") as file:
            return [line[0] for line in csv.reader(file)][2:]

    # MARK: Flows of the year

    def cards(self):
        """68,412 issued; some who applied and did not get one; some of the years beside."""
        issued, refused, beside = self.big(68_412), self.big(1_508), self.big(300)
        for number, person in enumerate(self.people.take(issued + refused + beside)):
            got = number < issued or number >= issued + refused
            month = self.month() if number < issued + refused else self.random.choice(("2021-12", "2023-01"))
            self.add("card", person.sender, **self.person(person), month=month, issued="yes" if got else "no",
                     category="family" if person.category.endswith("family") else "veteran",
                     reason="" if got else self.random.choice(("资料不全", "照片不合格", "信息待核实")))

    def dossiers(self):
        """71,236 updates of some fewer people: whoever was updated twice is two records and one person."""
        updates, twice, beside = self.big(71_236), self.big(2_130), self.big(240)
        people = self.people.take(updates - twice)
        for person in people:
            self.dossier(person, day(self.random, YEAR, "01-01", "06-30"))
        for person in people[:twice]:
            self.dossier(person, day(self.random, YEAR, "07-01", "12-31"))
        for person in self.people.take(beside):
            self.dossier(person, day(self.random, self.random.choice((2021, 2023)), "01-01", "01-31"))

    def dossier(self, person, updated):
        served = person.category in ("veteran", "transferred", "retired", "disabled")
        self.add("dossier", person.sender, **self.person(person), sex=person.sex, born=person.born, town=person.town,
                 address=f"{person.town}示例路{self.random.randint(1, 300)}号", phone=person.phone,
                 category=person.category, enlisted=person.enlisted if served else "",
                 discharged=person.discharged if served else "",
                 disability=self.random.randint(5, 10) if person.category == "disabled" else "",
                 schooling=self.random.choice(self.codes("schooling")[:4]), updated=updated,
                 employed=self.random.choice(("yes", "yes", "yes", "no")),
                 action=self.random.choice(("new", "changed", "changed", "changed", "moved-in", "moved-out")))

    def pensions(self):
        """21,000 people, 149,000,000.00 yuan. 350 of them get two sorts of payment: two rows, one person."""
        persons, twice, beside = self.big(21_000), self.big(350), self.big(120)
        total = 14_900_000_000 * persons // 21_000
        items = ["disability", "bereavement", "veteran-living", "illness", "combat", "rural-age", "martyr-child"]
        chosen = self.people.take(persons)
        made = [(p, self.random.choice(items[:4]), 12) for p in chosen]
        made += [(p, self.random.choice(items[4:]), 12) for p in chosen[:twice]]
        mean = total // len(made)
        amounts = [mean * self.random.randint(700, 1300) // 1000 for _ in made]
        rest = total - sum(amounts)
        amounts = [amount + rest // len(made) for amount in amounts]
        for index in range(total - sum(amounts)):
            amounts[index] += 1
        assert sum(amounts) == total
        for (person, item, months), amount in zip(made, amounts):
            self.pension(person, item, "2022-12", months, amount)
        for person in self.people.take(beside):
            self.pension(person, "one-off", "2021-12", "", self.random.randint(100_000, 2_000_000))

    def pension(self, person, item, month, months, amount):
        self.add("pension", person.sender, **self.person(person), item=item, month=month, months=months,
                 standard=amount // months if months else "", amount=amount, paid=f"{month}-20")

    def memorials(self):
        """301 sites; four were worked on twice in the year."""
        for number in range(301 + 6):
            county = self.county()
            sort = self.random.choice(["cemetery", "grave", "grave", "grave", "monument", "hall", "statue", "square"])
            year = YEAR if number < 301 else self.random.choice((2021, 2023))
            spans = [("03-01", "06-15"), ("07-01", "11-30")] if number < 4 else [self.random.choice((("02-10", "05-20"), ("04-05", "09-20")))]
            for started, finished in spans:
                self.add("memorial", self.sender(county), code=f"SZ-L-{number + 1:04d}", title=f"示例烈士纪念设施{number + 1:03d}",
                         county=county, place=self.random.choice(TOWNS[county]), sort=sort,
                         level=self.random.choice(["city", "county", "none"]),
                         graves=self.random.randint(1, 120) if sort in ("cemetery", "grave") else "",
                         work=self.random.choice(["墓碑描红、道路维修", "碑体加固", "迁入陵园", "环境整治"]),
                         cost=self.random.randint(50, 40_000) * 100 * 100, started=f"{year}-{started}", finished=f"{year}-{finished}")

    def activities(self):
        """1,236 of defence education, 642 of volunteers with 21,000 taking part in all, visits and others."""
        people = [self.random.randint(10, 55) for _ in range(642)]
        while sum(people) != 21_000:
            index = self.random.randrange(642)
            people[index] = max(5, people[index] + (1 if sum(people) < 21_000 else -1))
        for number in range(1_236):
            self.activity("education", number, self.random.choice(["国防知识进校园", "国防教育报告会", "军史馆参观", "征兵政策宣讲"]), people=self.random.randint(30, 600))
        for number, count in enumerate(people):
            self.activity("volunteer", number, self.random.choice(["义务植树", "敬老服务", "交通劝导", "防汛巡堤", "清洁家园"]),
                          people=count, hours=f"{self.random.randint(20, 400)}.{self.random.choice('05')}")
        for number in range(87):
            self.activity("visit", number, self.random.choice(["春节走访慰问", "八一走访慰问"]), people=self.random.randint(2, 40), spent=self.random.randint(5, 200) * 10_000)
        for number in range(23):
            self.activity("other", number, "军民联欢晚会", people=self.random.randint(50, 300))
        for number in range(9):
            self.activity("education", 5_000 + number, "国防教育报告会", year=2021, people=100)

    def activity(self, sort, number, title, year=YEAR, **values):
        county = self.county()
        sender = EDU if title == "国防知识进校园" else self.sender(county)
        self.add("activity", sender, sort=sort, title=f"{title}{number + 1}", county=county, held=day(self.random, year),
                 host="示例主办单位", place=self.random.choice(TOWNS[county]), **values)

    def employment(self):
        """1,720 people into work, some of them twice; 12 officers and 107 soldiers placed, who are counted apart."""
        chosen = self.people.take(1_720 + 119 + 30)
        into, placed, beside = chosen[:1_720], chosen[1_720:1_839], chosen[1_839:]
        sorts = ["employed"] * 6 + ["self-employed", "flexible", "welfare"]
        for person in into:
            self.job(person, self.random.choice(sorts), day(self.random, YEAR, "01-01", "08-31"))
        for person in into[:64]:
            self.job(person, self.random.choice(sorts), day(self.random, YEAR, "09-01", "12-31"), sender=HR)
        for person in beside:
            self.job(person, "employed", day(self.random, self.random.choice((2021, 2023)), "01-01", "01-31"))
        natures = ["party"] * 9 + ["public"] * 41 + ["state"] * 69
        for number, (person, nature) in enumerate(zip(placed, natures)):
            officer = number < 12
            self.job(person, "placed", day(self.random, YEAR, "06-01", "11-30"), sender=HR, nature=nature,
                     placed_as="officer" if officer else "soldier")

    def job(self, person, sort, started, sender=None, **values):
        hired = sort in ("employed", "placed", "welfare")
        self.add("employment", sender or person.sender, **self.person(person), sort=sort, started=started, phone=person.phone,
                 employer=f"示例{'单位' if sort == 'placed' else '有限公司'}{self.random.randint(1, 400)}" if hired else "",
                 pay=self.random.randint(26, 90) * 10_000 if sort != "placed" else "", **values)

    def cases(self):
        """36 人件(次): 24 persons, 8 items, 4 times."""
        groups = [("way-out", self.codes("case-subcategory")[:5]), ("home", self.codes("case-subcategory")[5:12]), ("children", self.codes("case-subcategory")[12:])]
        solved = [("person", 1)] * 24 + [("item", 1)] * 6 + [("item", 2)] + [("time", 1), ("time", 3)]
        open_or_beside = [("person", 1)] * 7
        listed = solved + open_or_beside
        for number, ((counted, count), person) in enumerate(zip(listed, self.people.take(len(listed)))):
            worry, subcategories = groups[number % 3]
            is_solved, closed = "yes", day(self.random, YEAR, "04-01", "12-31")
            if number >= len(solved):
                is_solved = "no" if number % 2 else "yes"
                closed = "" if number % 2 else "2023-01-15"
            self.add("case", BUREAU, number=f"GA-2022-{number + 1:03d}", worry=worry, subcategory=self.random.choice(subcategories),
                     party=self.random.choice(("LU-02", "LU-07")), name=person.name, id_number=person.id,
                     filed=day(self.random, YEAR, "01-01", "03-31"), counted=counted, count=count, solved=is_solved, closed=closed)

    def recruits(self):
        for number, person in enumerate(self.people.take(23, lambda p: p.born.year > 1985)):
            self.add("recruit", BUREAU, **self.person(person), region="示例边境县", post="乡镇岗位",
                     departed=day(self.random, YEAR if number < 20 else 2021), phone=person.phone)

    def honours(self):
        """13 in the year, 57 in all; other honours beside them."""
        chosen = self.people.take(57 + 9)
        for number, person in enumerate(chosen):
            model = number < 57
            awarded = day(self.random, YEAR, "06-01", "09-30") if number < 13 or not model else day(self.random, self.random.randint(2018, 2021))
            award = "最美退役军人" if model else self.random.choice(("优秀共产党员", "劳动模范"))
            if number < 13 or number % 4 == 0 or not model:
                self.add("honour", BUREAU, **self.person(person), award=award, level="city", awarded=awarded, basis="随退役军人示例文件")
            if model:
                self.add("role-model", BUREAU, "2022", **self.person(person), award=award, year=awarded.year, deed="扎根基层，热心公益。")
        for number in range(12):
            county = self.county()
            self.add("model-unit", BUREAU, title=f"示例拥军单位{number + 1}", county=county, named="2022-07-28" if number < 10 else "2020-07-28", basis="双拥办示例文件")

    def rescue(self):
        """46 people rescued; 3,268.5 hours served."""
        rescued = [1] * 30 + [2] * 8 + [0] * 42
        hours = [self.random.randint(100, 600) for _ in rescued]
        hours[0] += 32_685 - sum(hours)
        for number, (count, tenths) in enumerate(zip(rescued, hours)):
            self.add("rescue", JD, team="示例蓝天救援队", county=self.county(), on=day(self.random, YEAR), task=f"水上救援{number + 1}",
                     volunteers=self.random.randint(3, 40), rescued=count, hours=f"{tenths // 10}.{tenths % 10}")
        self.add("rescue", JD, team="示例蓝天救援队", county="421321", on="2021-07-20", task="防汛转移", volunteers=30, rescued=12, hours="240.0")

    def fund(self):
        for number in range(14):
            self.add("fund", BUREAU, serial=f"SR-2022-{number + 1:03d}", on=day(self.random, YEAR), flow="income",
                     amount=self.random.randint(1, 3_000) * 10_000 + self.random.randrange(100), source=self.random.choice(self.codes("fund-source")[:3]))
        for number in range(96):
            self.add("fund", BUREAU, serial=f"ZC-2022-{number + 1:03d}", on=day(self.random, YEAR), flow="outgo",
                     amount=self.random.randint(5, 200) * 10_000, purpose=self.random.choice(("大病救助", "助学", "灾害救助")), persons=self.random.randint(1, 4))
        self.add("fund", BUREAU, serial="SR-2021-099", on="2021-12-31", flow="income", amount=5_000_000, source="finance")

    def fairs(self):
        """Two livestreams a quarter and visits to companies, as planned."""
        quarters = [("01-05", "03-25"), ("04-05", "06-25"), ("07-05", "09-25"), ("10-05", "12-25")]
        for number in range(8 + 8 + 6):
            form = "livestream" if number < 8 else "company-visit" if number < 16 else "site"
            visitors = self.random.randint(200, 5_000)
            self.add("job-fair", HR, title=f"{ {'livestream': '直播带岗', 'company-visit': '走访企业', 'site': '专场招聘会'}[form] }第{number % 8 + 1}期",
                     county=self.county(), form=form, held=day(self.random, YEAR, *quarters[number % 8 // 2]),
                     companies=self.random.randint(1, 60), posts=self.random.randint(20, 2_000), visitors=visitors, intents=visitors // 8)

    # MARK: Stocks at its end

    def working_age(self):
        """45,000 in work of 48,630 of working age."""
        employed, others = self.big(45_000), self.big(3_630)
        for number, person in enumerate(self.people.take(employed + others)):
            state = self.random.choice(["employed"] * 5 + ["self-employed"]) if number < employed else self.random.choice(("seeking", "not-seeking", "student"))
            self.add("working-age", person.sender, "2022", **self.person(person), state=state, since=f"{self.random.randint(2005, 2021)}-06" if number < employed else "")

    def welfare_posts(self):
        """124 kept at the year's end: of open end, ending that day, or later. 19 more had ended before, 3 begin after."""
        for number, person in enumerate(self.people.take(124 + 19 + 3)):
            begun, ended = "2022-03-01", ["", "2022-12-31", "2024-02-28"][number % 3]
            if number >= 124:
                ended = "2022-10-31"
            if number >= 124 + 19:
                begun, ended = "2023-01-01", ""
            self.add("welfare-post", HR, "2022", **self.person(person), employer=f"示例社区{number % 40 + 1}", post=self.random.choice(("保洁员", "巡护员", "协理员")),
                     begun=begun, ended=ended, subsidy=self.random.randint(1_500, 2_000) * 100)

    def companies(self):
        """73 entrepreneurs; 238 owners, seven of them of two companies; 10 bases of employment and 3 others. A list of owners of the year before."""
        for person in self.people.take(73):
            self.add("entrepreneur", person.sender, "2022", **self.person(person), company=f"示例农业合作社{self.random.randint(1, 900)}", credit_code=credit_code(self.random),
                     trade="种植养殖", jobs=self.random.randint(3, 80), turnover=self.random.randint(50, 3_000) * 1_000_000)
        owners = self.people.take(238 + 12)
        for person in owners[:238] + owners[:7]:
            self.owner(person, "2022")
        for person in owners[238:]:
            self.owner(person, "2021")
        for number in range(13):
            self.add("base", HR, "2022", title=f"示例基地{number + 1}", credit_code=credit_code(self.random), county=self.county(),
                     sort="employment" if number < 10 else "incubator", level="city", staff=self.random.randint(5, 200), since="2021-08")

    def owner(self, person, period):
        staff = self.random.randint(5, 300)
        self.add("owner", person.sender, period, **self.person(person), company=f"示例商贸有限公司{self.random.randint(1, 900)}", credit_code=credit_code(self.random),
                 trade="商贸", staff=staff, veterans=staff // 5, turnover=self.random.randint(50, 5_000) * 1_000_000, phone=person.phone)

    def points(self):
        for number in range(20):
            self.add("joint-point", BUREAU, "2022", title=f"示例军民共建点{number + 1}", county=self.county(), partner=f"示例单位{number + 1}", since="2020-07", leader="示例联系人", phone="0722-3223456")

    def villages(self):
        """755 in committees, 268 of them secretaries; two sit in two villages."""
        chosen = self.people.take(755)
        for number, person in enumerate(chosen):
            post = self.random.choice(("secretary", "both")) if number < 268 else self.random.choice(("deputy", "head", "member"))
            self.village(person, f"示例{number + 1}村", post)
        for number, person in enumerate(chosen[400:402]):
            self.village(person, f"示例{900 + number}社区", "member")

    def village(self, person, village, post):
        self.add("village-committee", person.sender, "2022", **self.person(person), town=person.town, village=village, post=post, since="2021-11", phone=person.phone)

    def teams(self):
        for number in range(555):
            county = self.county()
            members = self.random.randint(5, 120)
            self.add("volunteer-team", self.sender(county), "2022", title=f"示例志愿服务队{number + 1}", county=county, founded=datetime.date(2020, 5, 1),
                     members=members, veterans=members // 3, leader="示例队长", phone=f"13800{number:06d}")
