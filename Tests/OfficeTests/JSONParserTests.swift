import Testing

@testable import Office

@Suite("RFC 8259: JSON that people type")
struct JSONParserTests {
    private func fault(_ text: String) -> JSONParser.Fault? {
        do throws(JSONParser.Fault) { _ = try JSONParser.value(of: text) } catch { return error }
        return nil
    }

    @Test("every kind of value, numbers with their text")
    func values() throws {
        let text =
            #" { "a" : [ 1, -0.5e+10 , true,false,null ] , "b":{} , "\u519b\ud83d\ude00\/\n" : "\"\\" } "#
        let json = try JSONParser.value(of: text)
        #expect(
            json.compact == #"{"a":[1,-0.5e+10,true,false,null],"b":{},"军😀/\n":"\"\\"}"#)
        #expect(try JSONParser.value(of: "18446744073709551616") == .number("18446744073709551616"))
    }

    @Test("several values one after the other")
    func sequence() throws {
        var parser = JSONParser(Array("{} [1]\n2 \"x\"".utf8))
        var found: [String] = []
        while let value = try parser.next() { found.append(value.compact) }
        #expect(found == ["{}", "[1]", "2", "\"x\""])
    }

    @Test(
        "what is no JSON is refused with its place",
        arguments: [
            ("", 1, 1), ("{", 1, 2), ("{\n  \"a\": 1,\n  \"a\": 2}", 3, 3), ("[1,]", 1, 4), ("[1 2]", 1, 4),
            ("{\"a\" 1}", 1, 6), ("{a:1}", 1, 2),
            ("01", 1, 2), ("1.", 1, 3), ("-", 1, 2), ("1e", 1, 3), (".5", 1, 1), ("+1", 1, 1), ("NaN", 1, 1),
            ("truE", 1, 1), ("\"a", 1, 1), ("\"\t\"", 1, 2),
            ("\"\\x\"", 1, 3), ("\"\\ud800\"", 1, 8), ("\"\\udc00\"", 1, 8), ("\"\\u12\"", 1, 4),
            ("\"\\u+123\"", 1, 4), ("{} {}", 1, 4),
        ])
    func refused(_ text: String, _ line: Int, _ column: Int) {
        let found = fault(text)
        #expect(found?.line == line && found?.column == column, "\(text): \(String(describing: found))")
    }

    @Test("keys that look alike and are different are two keys")
    func keysAreBytes() throws {
        #expect(fault("{\"e\u{301}\": 1, \"\u{e9}\": 2}") == nil)
        #expect(throws: JSONParser.Fault.self) { try JSONParser.value(of: [0x22, 0xff, 0x22]) }
    }

    @Test("as deep as the limit, and one level more")
    func depth() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(fault(nested(JSONParser.maxDepth)) == nil)
        #expect(fault(nested(JSONParser.maxDepth + 1))?.problem.en.contains("deeper than 200") == true)
        #expect(fault(String(repeating: "[", count: 1_000_000)) != nil)
    }

    @Test("integers are exact, whatever way they are written")
    func integers() {
        for (text, value) in [
            ("1", 1), ("-0", 0), ("1.0", 1), ("12e2", 1200), ("100e-2", 1), ("0.10e1", 1), ("0.1e1", 1),
            ("9223372036854775807", Int64.max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
            ("1e19", nil), ("1e99999999999999999999", nil),
            ("0e99999999999999999999", 0), ("1.5", nil), ("1e-1", nil), ("1e-99999999999999999999", nil),
            ("9007199254740993.0", 9_007_199_254_740_993),
        ] as [(String, Int64?)] {
            #expect(ExactInteger(text)?.value(as: Int64.self) == value, "\(text)")
        }
        #expect(ExactInteger("18446744073709551615")?.value(as: UInt64.self) == .max)
        #expect(
            ExactInteger("-1")?.value(as: UInt64.self) == nil
                && ExactInteger("256")?.value(as: UInt8.self) == nil)
        for text in ["", "-", "--1", "01", "1.0", "1e2", " 1", "+1", "0x1", "١"] {
            #expect(ExactInteger(digits: text) == nil, "\(text)")
        }
        #expect(ExactInteger(digits: "-12")?.value(as: Int32.self) == -12)
    }
}
