import BureauTestSupport
import Exchange
import TestSupport
import Testing

@testable import Office

@Suite("ROUND.md 5 confirmation sheets (选岗确认表), as paper")
struct ConfirmationSheetTests {
    private let round: RoundVerification
    private let sheets: [RoundSheet]

    init() throws {
        var random = SplitMix64(seed: 20_221)
        round = try RoundVerification(
            try RoundSample.bytes(try RoundSample(&random, people: 24, posts: 12).file()), sha256)
        sheets = round.outcome.sheets(round.file.inputs)
    }

    private func papers(
        _ person: String? = nil, names: [String: String]? = nil, _ language: Language = .zh
    ) throws(ConfirmationSheets.Fault) -> [PaperSheet] {
        try ConfirmationSheets(round, codes: CodeNames(), language: language)
            .papers(of: person, names: names, city: "随州市退役军人事务局")
    }

    private func value(_ label: String, _ paper: PaperSheet?) -> String? {
        paper?.lines.first { $0.label == label }?.value
    }

    @Test("the codes on paper are those of the file, one sheet for each who got a post")
    func codes() throws {
        let text = String(decoding: try RoundSample.bytes(round.file), as: UTF8.self)
        let inFile = text.split(separator: "\n").filter { $0.hasPrefix("sheet\t") }
            .compactMap { $0.split(separator: "\t").last.map { String($0) } }
        #expect(try papers().map(\.checkCode) == inFile && !inFile.isEmpty)
        #expect(Set(inFile).count == inFile.count)
        let first = try #require(try papers().first)
        #expect(value("表号", first) == "1" && value("岗位编号", first) == sheets[0].post.key)
        #expect(value("得分", first) == RoundTexts.points(sheets[0].tenths))
    }

    @Test("the name is whole where the office was shown it, masked for everybody else; the code is the same")
    func names() throws {
        let key = sheets[0].person.key
        let masked = try #require(try papers(key).first)
        let whole = try #require(try papers(key, names: [key: "欧阳示例"]).first)
        let other = try #require(try papers(key, names: ["P0": "某人"]).first)
        #expect(value("姓名", masked) == sheets[0].person.maskedName && masked == other)
        #expect(value("姓名", whole) == "欧阳示例" && whole.checkCode == masked.checkCode)
        // Without a name: the own people, and nobody else.
        #expect(try papers(names: [key: "欧阳示例"]).map { value("人员编号", $0) } == [key])
    }

    @Test("nothing to print: nobody of ours, nobody of that key")
    func faults() throws {
        #expect(throws: ConfirmationSheets.Fault.noneOfOurs) { try papers(names: [:]) }
        #expect(throws: ConfirmationSheets.Fault.noPost("P-1")) { try papers("P-1") }
        for fault in [ConfirmationSheets.Fault.noneOfOurs, .noPost("x")] { #expect(!fault.text.en.isEmpty) }
    }

    @Test("a code typed from paper finds its sheet, however it is typed, and no other person's")
    func fits() throws {
        let desk = ConfirmationSheets(round, codes: CodeNames(), language: .zh)
        let code = try #require(try papers().first?.checkCode)
        let (key, other) = (sheets[0].person.key, sheets[1].person.key)
        for typed in [code, code.uppercased(), "\(code.prefix(5)) \(code.suffix(5))"] {
            #expect(desk.sheet(fitting: typed, of: nil) == sheets[0])
        }
        #expect(
            desk.sheet(fitting: code, of: key) == sheets[0] && desk.sheet(fitting: code, of: other) == nil)
        let bent = (code.first == "0" ? "1" : "0") + code.dropFirst()
        for typed in ["", bent, String(code.dropLast())] {
            #expect(desk.sheet(fitting: typed, of: nil) == nil)
        }
    }

    @Test(
        "one page a person, each with heading, code, places to sign and the notice",
        arguments: Language.allCases)
    func page(_ language: Language) throws {
        let papers = try papers(nil, names: nil, language)
        let text = SheetHTML(papers, printed: "2022-06-01", language: language).text
        func count(_ part: String) -> Int {
            text.split(separator: part, omittingEmptySubsequences: false).count - 1
        }
        #expect(count("<article>") == papers.count && count(classifiedNotice) == papers.count)
        #expect(count("class=\"day\"") == 2 * papers.count && text.contains("A4 portrait"))
        #expect(papers.allSatisfy { text.contains($0.checkCode) && text.contains($0.heading) })
        #expect(!text.contains("http") && !text.contains("<script"))
    }
}
