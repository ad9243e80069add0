"""People, organisations and numbers of an invented city. Nobody in here exists: the area codes of the ID numbers (9900xx) were never given to any place."""
import datetime

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "伟强磊洋勇杰涛明超辉刚平鹏飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢志建文德光华国庆春秋海山松柏静丽敏霞燕娟玲芳红梅兰英慧颖雪琴洁萍蓉倩晶莹瑶璐"
# Four bytes in GB18030, unknown to GBK: names that exist and that old programs turn into question marks.
RARE = "䶮㛃䥽㙓𬭎𫖯𠅤㵘"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TOWNS = {
    "421303": ["东城街道", "西城街道", "南郊街道", "万店镇", "何店镇", "洛阳镇", "府河镇"],
    "421300-GX": ["淅河镇", "高新街道"],
    "421321": ["厉山镇", "高城镇", "殷店镇", "草店镇", "小林镇", "淮河镇", "万和镇", "尚市镇", "唐县镇", "吴山镇"],
    "421300-DHS": ["长岗镇", "景区街道"],
    "421381": ["应山街道", "十里街道", "广水街道", "城郊街道", "武胜关镇", "杨寨镇", "陈巷镇", "长岭镇"],
}
# Who files for whom: 高新区 and 大洪山 through the county that hosts them.
HOSTS = {"421300-GX": "421303", "421300-DHS": "421321"}
COUNTIES = ["421303", "421300-GX", "421321", "421300-DHS", "421381"]
SHARES = [30, 6, 34, 3, 27]


def id_number(area, born, order):
    digits = f"{area}{born:%Y%m%d}{order:03d}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS)) % 11]


def credit_code(random):
    code = "91990000" + "".join(random.choice(CREDIT) for _ in range(9))
    total, weight = 0, 1
    for letter in code:
        total += CREDIT.index(letter) * weight
        weight = weight * 3 % 31
    return code + CREDIT[(31 - total % 31) % 31]


def day(random, year, first="01-01", last="12-31"):
    a = datetime.date.fromisoformat(f"{year}-{first}")
    b = datetime.date.fromisoformat(f"{year}-{last}")
    return a + datetime.timedelta(days=random.randrange((b - a).days + 1))


class Person:
    __slots__ = ("name", "id", "sex", "born", "county", "town", "category", "enlisted", "discharged", "phone")

    def __init__(self, random):
        self.county = random.choices(COUNTIES, SHARES)[0]
        self.sex = "female" if random.random() < 0.06 else "male"
        self.born = day(random, random.randint(1948, 1999))
        area = "9900" + self.county[4:6] if self.county[4:6] != "00" else "990000"
        # The order number's parity says the sex.
        order = 2 * random.randrange(499) + (1 if self.sex == "male" else 2)
        self.id = id_number(area, self.born, order)
        self.name = random.choice(SURNAMES) + "".join(random.choice(GIVEN) for _ in range(random.choice((1, 2, 2, 2))))
        if random.random() < 0.002:
            self.name = self.name[:-1] + random.choice(RARE)
        self.town = random.choice(TOWNS[self.county])
        self.category = random.choices(
            ["veteran", "transferred", "retired", "martyr-family", "deceased-family", "dependant", "disabled"],
            [860, 25, 10, 15, 20, 30, 40])[0]
        year = self.born.year + random.randint(18, 21)
        self.enlisted = datetime.date(year, random.choice((9, 12)), 1)
        self.discharged = datetime.date(year + random.choice((2, 2, 3, 5, 8, 12)), random.choice((9, 12)), 1)
        self.discharged = min(self.discharged, datetime.date(2020, 12, 1))
        self.phone = f"13800{random.randrange(1000000):06d}"

    @property
    def sender(self):
        return "county/" + HOSTS.get(self.county, self.county)


class People:
    """A population, handed out without repeats: `take` never gives anybody twice for one purpose."""

    def __init__(self, random, count):
        self.random = random
        everybody = {}
        while len(everybody) < count:
            person = Person(random)
            # A number that ends in 000 is sound, but looks like one that a spreadsheet cut off: it would be asked about.
            if not person.id.endswith("000"):
                everybody.setdefault(person.id, person)
        self.all = list(everybody.values())

    def take(self, count, where=lambda person: True):
        chosen = [person for person in self.random.sample(self.all, len(self.all)) if where(person)]
        assert len(chosen) >= count, "the population is too small"
        return chosen[:count]
