import Exchange
import Schema
import TestSupport
import Testing

@Suite("DOMAIN.md 5: GB 11643 identity numbers")
struct IdentityNumberTests {
    @Test(arguments: [
        "11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 11010519491231002X\n",
    ])
    func acceptsAndLevels(_ text: String) throws {
        let number = try IdentityNumber(text)
        #expect(number.text == "11010519491231002X")
        #expect(number.birthDay?.text == "1949-12-31")
    }

    @Test(arguments: [
        ("", IdentityNumber.Fault.empty), ("110105491231002", .fifteenDigits),
        ("11010519491231002", .wrongLength(17)),
        ("11010519491231002XX", .wrongLength(19)), ("1101051949123100AX", .notADigit(position: 17)),
        ("X1010519491231002X", .notADigit(position: 1)), ("110105194913310027", .impossibleBirthDate),
        ("110105194902290028", .impossibleBirthDate), ("110105194912310029", .wrongCheck(expected: "X")),
        ("4.21303E+17", .wrongLength(11)), ("一一〇一〇五", .wrongLength(6)),
        ("一1010519491231002X", .notADigit(position: 1)),
    ])
    func refusesWithReason(_ text: String, _ fault: IdentityNumber.Fault) {
        #expect(throws: fault) { try IdentityNumber(text) }
    }

    /// The area is never judged, the check always is: exactly one of eleven check characters fits.
    @Test func exactlyOneCheckCharacterFits() {
        for order in ["000", "123", "999"] {
            let fitting = "0123456789X".filter { (try? IdentityNumber("99999919900101\(order)\($0)")) != nil }
            #expect(fitting.count == 1)
        }
    }

    @Test func noBytesTrap() {
        var random = SplitMix64(seed: 11643)
        for _ in 0..<2000 {
            let count = Int(random.next() % 24)
            let text = String(decoding: random.bytes(count), as: UTF8.self)
            _ = try? IdentityNumber(text)
            _ = try? SocialCreditCode(text)
            _ = ReferenceCode(text)
            _ = EntityID(hex: text)
            _ = masked(text)
            _ = ClassifiedGuard.matchedRule(in: text)
        }
    }
}

@Suite("DOMAIN.md 5: GB 32100 social credit codes")
struct SocialCreditCodeTests {
    @Test func vectors() throws {
        #expect(try SocialCreditCode("91350100M000100Y43").text == "91350100M000100Y43")
        #expect(try SocialCreditCode("９１３５０１００m000100y43").text == "91350100M000100Y43")
        #expect(throws: SocialCreditCode.Fault.wrongCheck(expected: "3")) {
            try SocialCreditCode("91350100M000100Y4A")
        }
        // Z is not in the alphabet at all.
        #expect(throws: SocialCreditCode.Fault.wrongCharacter(position: 18)) {
            try SocialCreditCode("91350100M000100Y4Z")
        }
        #expect(throws: SocialCreditCode.Fault.wrongCharacter(position: 9)) {
            try SocialCreditCode("91350100I000100Y43")
        }
        #expect(throws: SocialCreditCode.Fault.wrongLength(17)) { try SocialCreditCode("91350100M000100Y4") }
        #expect(throws: SocialCreditCode.Fault.empty) { try SocialCreditCode("  ") }
    }
}

@Suite("DOMAIN.md 6: one masking rule")
struct MaskingTests {
    @Test(arguments: [
        ("11010519491231002X", "110*************2X"), ("13800001111", "138******11"),
        ("0722-3801234", "072*******34"),
        ("王小芳", "王**"), ("买买提·阿卜杜拉", "买*******"), ("王", "*"), ("", ""), ("123456", "1*****"),
        ("1234567", "123**67"),
        ("欧阳", "欧*"),
    ])
    func masks(_ value: String, _ shown: String) { #expect(masked(value) == shown) }

    @Test func erasedIsSaid() {
        #expect(PersonalText.erasedText == "已删除")
    }
}

@Suite("DESIGN.md 4: civil dates and UTC+8")
struct CivilDayTests {
    @Test func everyDayOfTwoCenturiesGoesThereAndBack() throws {
        let first = try #require(CivilDay(year: 1900, month: 1, day: 1))
        let last = try #require(CivilDay(year: 2100, month: 12, day: 31))
        #expect(first.weekday == 1)  // a Monday
        #expect(last.weekday == 5)  // a Friday
        #expect(Int(last.dayNumber - first.dayNumber) == 201 * 365 + 49 - 1)  // 49 leap years: 1904 … 2096
        var (year, month, day) = (1900, 1, 1)
        for number in first.dayNumber...last.dayNumber {
            let civil = CivilDay(dayNumber: number)
            try #require(civil.year == year && civil.month == month && civil.day == day)
            try #require(CivilDay(year: year, month: month, day: day) == civil)
            day += 1
            if CivilDay(year: year, month: month, day: day) == nil { (month, day) = (month + 1, 1) }
            if month == 13 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2101)
    }

    @Test(arguments: [
        (2100, 2, 29), (1900, 2, 29), (2023, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0),
        (1899, 12, 31), (2101, 1, 1),
    ])
    func refusesWhatIsNoDay(_ year: Int, _ month: Int, _ day: Int) {
        #expect(CivilDay(year: year, month: month, day: day) == nil)
    }

    @Test func leapDaysAreDays() {
        #expect(CivilDay(year: 2000, month: 2, day: 29) != nil)
        #expect(CivilDay(year: 2096, month: 2, day: 29) != nil)
    }

    @Test func dayBeginsAtSixteenHoursUTC() throws {
        let day = try #require(CivilDay(year: 2026, month: 8, day: 1))
        let start = try #require(day.startNanoseconds)
        #expect(start == 1_785_513_600_000_000_000)  // 2026-07-31T16:00:00Z
        #expect(CivilDay(nanoseconds: start) == day)
        #expect(CivilDay(nanoseconds: start - 1) == day.adding(days: -1))
        #expect(CivilDay(nanoseconds: start + 86_399_999_999_999) == day)
        #expect(CivilDay(nanoseconds: start + 86_400_000_000_000).text == "2026-08-02")
        #expect(CivilDay(nanoseconds: 0).text == "1970-01-01")
        #expect(CivilDay(nanoseconds: -28_800_000_000_001).text == "1969-12-31")
    }

    @Test func everyInt64IsSomeDay() {
        #expect(CivilDay(nanoseconds: .max).year == 2262)
        #expect(CivilDay(nanoseconds: .min).year == 1677)
        #expect(CivilDay(dayNumber: .max).startNanoseconds == nil)
    }

    @Test func arithmeticCrossesMonths() throws {
        let day = try #require(CivilDay(year: 2024, month: 2, day: 28))
        #expect(day.adding(days: 2).text == "2024-03-01")
        #expect(day.adding(days: -59).text == "2023-12-31")
    }
}

@Suite("Reference codes, quotable on the phone")
struct ReferenceCodeTests {
    @Test func roundTripAsHeard() throws {
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let code = ReferenceCode(EntityID(high: random.next(), low: random.next()))
            #expect(code.text.utf8.count == 11)
            #expect(ReferenceCode(code.text) == code)
            let spoken = code.text.lowercased().replacing("0", with: "o").replacing("1", with: "l").replacing(
                "-", with: " ")
            #expect(ReferenceCode(spoken) == code)
        }
    }

    /// The same id has the same code for ever: it stands on people's notes.
    @Test func stays() throws {
        let id = try #require(EntityID(hex: "01950000-0000-7000-8000-000000000001"))
        #expect(ReferenceCode(id).text == "FSYD-WKG7-X")
    }

    @Test func everySingleErrorAndExchangeIsNoticed() throws {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var random = SplitMix64(seed: 2)
        for _ in 0..<20 {
            let symbols = Array(
                ReferenceCode(EntityID(high: random.next(), low: random.next())).text.filter { $0 != "-" })
            for position in symbols.indices {
                for other in alphabet where other != symbols[position] {
                    var wrong = symbols
                    wrong[position] = other
                    #expect(ReferenceCode(String(wrong)) == nil)
                }
                for second in symbols.indices where symbols[second] != symbols[position] {
                    var wrong = symbols
                    wrong.swapAt(position, second)
                    #expect(ReferenceCode(String(wrong)) == nil)
                }
            }
        }
    }

    @Test(arguments: ["", "7K3F", "7K3F-Q2MX", "7K3F-Q2MX-CC", "UUUU-UUUU-U", "随双2026-军提-0001"])
    func refuses(_ text: String) { #expect(ReferenceCode(text) == nil) }
}

@Suite("Ids, numbers and cursors")
struct EntityTests {
    @Test func bytesAndHex() throws {
        let id = try #require(EntityID([UInt8](0..<16)))
        #expect(id.hex == "000102030405060708090a0b0c0d0e0f")
        #expect(EntityID(hex: "00010203-0405-0607-0809-0A0B0C0D0E0F") == id)
        #expect(id.bytes == [UInt8](0..<16))
        #expect(EntityID([UInt8](0..<15)) == nil)
        #expect(EntityID([UInt8](0..<17)) == nil)
        #expect(EntityID([UInt8](repeating: 0, count: 16)) == nil)
        #expect(EntityID(hex: "00") == nil)
        #expect(EntityID(hex: id.hex + "0") == nil)
    }

    @Test func numbersOfAllSeries() {
        #expect(NumberSeries.unitToLocal.number(prefix: "随双", year: 2026, serial: 1) == "随双2026-军提-0001")
        #expect(NumberSeries.localToUnit.number(prefix: "随双", year: 2026, serial: 1) == "随双2026-地提-0001")
        #expect(NumberSeries.home.number(prefix: "随双", year: 2026, serial: 9999) == "随双2026-后院-9999")
        #expect(NumberSeries.home.number(prefix: "随双", year: 2026, serial: 10_000) == "随双2026-后院-10000")
    }

    @Test func cursorsAreCheckedAndScoped() throws {
        let cursor = Cursor(kind: .requests, position: 77, scope: 5)
        let bytes = cursor.bytes
        #expect(bytes.count == Cursor.byteCount)
        #expect(try Cursor(bytes, kind: .requests, scope: 5) == cursor)
        #expect(throws: Cursor.Fault.ofAnotherList) { try Cursor(bytes, kind: .cases, scope: 5) }
        #expect(throws: Cursor.Fault.ofAnotherList) { try Cursor(bytes, kind: .requests, scope: 6) }
        for index in bytes.indices {
            var wrong = bytes
            wrong[index] ^= 1
            #expect(throws: Cursor.Fault.self) { try Cursor(wrong, kind: .requests, scope: 5) }
        }
        #expect(throws: Cursor.Fault.malformed) { try Cursor([], kind: .watch, scope: 5) }
        #expect(throws: Cursor.Fault.malformed) { try Cursor(bytes + [0], kind: .requests, scope: 5) }
    }
}
