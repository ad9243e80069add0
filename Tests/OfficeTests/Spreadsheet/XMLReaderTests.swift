import TestSupport
import Testing

@testable import Office

@Suite("XML 1.0 as far as spreadsheets need it")
struct XMLReaderTests {
    /// The events of a text as one line: `<a x=1>`, `</a>`, `"text"`.
    static func transcript(
        _ bytes: [UInt8], limits: SpreadsheetLimits = SpreadsheetLimits()
    ) throws(SpreadsheetFault) -> String {
        var reader = XMLReader(MemberStream(plain: bytes, name: "t.xml"), limits: limits)
        var (out, text) = ([String](), [UInt8]())
        while true {
            let event = try reader.next()
            if event == .text {
                text += reader.text
                continue
            }
            if !text.isEmpty { out.append("\"" + String(decoding: text, as: UTF8.self) + "\"") }
            text = []
            switch event {
            case .start:
                let name = ["a", "b", "c"].first {
                    $0 == "a" ? reader.isNamed("a") : $0 == "b" ? reader.isNamed("b") : reader.isNamed("c")
                }
                let x = try reader.attribute("x").map { " x=\($0)" } ?? ""
                let id = try reader.attribute("id", prefixed: true).map { " :id=\($0)" } ?? ""
                out.append("<\(name ?? "?")\(x)\(id)>")
            case .end: out.append(reader.isNamed("a") ? "</a>" : reader.isNamed("b") ? "</b>" : "</>")
            case .finished: return out.joined(separator: " ")
            case .text: break
            }
        }
    }

    static func transcript(_ text: String) throws(SpreadsheetFault) -> String {
        try transcript(Array(text.utf8))
    }

    static func problem(_ bytes: [UInt8], _ limits: SpreadsheetLimits = SpreadsheetLimits())
        -> SpreadsheetFault.Problem?
    {
        do throws(SpreadsheetFault) {
            _ = try transcript(bytes, limits: limits)
            return nil
        } catch { return error.problem }
    }

    @Test(
        "what is well-formed",
        arguments: [
            ("<a/>", "<a> </a>"),
            ("\u{FEFF}<?xml version=\"1.0\" encoding='UTF-8'?>\n<a x='1' y=\"2\"></a>\n", "<a x=1> </a>"),
            ("<a><b>一 &lt;&gt;&amp;&quot;&apos;</b></a>", "<a> <b> \"一 <>&\"'\" </b> </a>"),
            ("<a>&#65;&#x4E00;&#x1F600;</a>", "<a> \"A一😀\" </a>"),
            ("<a>1<!-- no --- < & -->2<?pi ?>3</a>", "<a> \"123\" </a>"),
            ("<a><![CDATA[<b>&amp;]]]]></a>", "<a> \"<b>&amp;]]\" </a>"),
            ("<a>1\r\n2\r3\n4</a>", "<a> \"1\n2\n3\n4\" </a>"),
            ("<a><![CDATA[1\r\n]]>\n</a>", "<a> \"1\n\n\" </a>"),
            ("<x:a xmlns:x='u' r:id='7' id='8' x='&#57;'/>", "<a x=9 :id=7> </a>"),
            ("<a ><b\n/></a >", "<a> <b> </b> </a>"),
            ("<?xml version=\"1.0\"?><!-- c --><a/><!-- d --><?e f?>", "<a> </a>"),
        ])
    func wellFormed(_ text: String, _ events: String) throws {
        #expect(try Self.transcript(text) == events)
    }

    @Test(
        "what is not has its name",
        arguments: [
            ("", .noRoot), ("  ", .noRoot), ("<a>", .truncated), ("<a", .truncated), ("<a x='1", .truncated),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", .doctype), ("<a><!ELEMENT b></a>", .tag),
            ("<a>&b;</a>", .reference), ("<a>&lt</a>", .reference), ("<a>&#0;</a>", .reference),
            ("<a>&#xD800;</a>", .reference), ("<a>&#xFFFE;</a>", .reference),
            ("<a>&#x110000;</a>", .reference),
            ("<a>&#+65;</a>", .reference), ("<a x='&q;'/>", .reference),
            ("<a></b>", .mismatchedEnd), ("</a>", .mismatchedEnd), ("<a></aa>", .mismatchedEnd),
            ("<aa></a>", .mismatchedEnd),
            ("<a/><b/>", .outsideRoot), ("<a/>x", .outsideRoot), ("x<a/>", .outsideRoot),
            ("<![CDATA[]]><a/>", .outsideRoot),
            ("<a x='1' x='2'/>", .attributeTwice), ("<a x=1/>", .attribute), ("<a x/>", .attribute),
            ("<a x='<'/>", .attribute), ("<a x='1'y='2'/>", .tag), ("<a / >", .tag), ("< a/>", .name),
            ("<1/>", .name),
            ("<a>\u{1}</a>", .character), ("<a x='\u{2}'/>", .character), ("<a><!-- </a>", .truncated),
            ("<a><![CDATA[</a>", .truncated), ("<?xml version='1.0' encoding='gb18030'?><a/>", .encoding),
        ] as [(String, SpreadsheetFault.XML)])
    func malformed(_ text: String, _ problem: SpreadsheetFault.XML) {
        #expect(Self.problem(Array(text.utf8)) == .xml(problem))
    }

    @Test("UTF-16 is refused by its name, broken UTF-8 where a value is used")
    func encodings() {
        #expect(Self.problem([0xFF, 0xFE, 0x3C, 0]) == .xml(.utf16))
        #expect(Self.problem([0xFE, 0xFF, 0, 0x3C]) == .xml(.utf16))
        #expect(Self.problem([0x3C, 0, 0x61, 0]) == .xml(.utf16))
        #expect(Self.problem(Array("<a x='".utf8) + [0xC0, 0x80] + Array("'/>".utf8)) == .xml(.notUTF8))
    }

    @Test("a fault tells its byte")
    func place() {
        let text = "<a>\n<b></c></a>"
        #expect {
            try Self.transcript(text)
        } throws: {
            ($0 as? SpreadsheetFault) == SpreadsheetFault(.xml(.mismatchedEnd), part: "t.xml", byte: 7)
        }
    }

    @Test("limits, at and beyond: depth, attributes, a tag's bytes, a name's bytes")
    func limits() throws {
        var limits = SpreadsheetLimits()
        (limits.depth, limits.attributes, limits.tagBytes, limits.nameBytes) = (2, 2, 20, 3)
        for (text, problem) in [
            ("<a><b/></a>", nil), ("<a><b><c/></b></a>", .limit(.depth, 2)),
            ("<a x='1' y='2'/>", nil), ("<a x='' y='' z=''/>", .limit(.attributes, 2)),
            ("<a x='\(String(repeating: "1", count: 12))'/>", nil),
            ("<a x='\(String(repeating: "1", count: 13))'/>", .limit(.tagBytes, 20)),
            ("<abc/>", nil), ("<abcd/>", .limit(.nameBytes, 3)),
        ] as [(String, SpreadsheetFault.Problem?)] {
            #expect(Self.problem(Array(text.utf8), limits) == problem, "\(text)")
        }
    }

    @Test("tags, texts and references across the pieces of a stream")
    func pieces() throws {
        // Each shift puts another byte of the pattern on the border at 65,536.
        let pattern = "<b x=\"&amp;\">文&lt;\r\n<![CDATA[]]]]><!-- - --></b>"
        for shift in 0..<pattern.utf8.count {
            let fill = String(repeating: " ", count: Inflater.piece - 3 - shift)
            #expect(
                try Self.transcript("<a>\(fill)\(pattern)</a>")
                    == "<a> \"\(fill)\" <b x=&> \"文<\n]]\" </b> </a>")
        }
    }
}
