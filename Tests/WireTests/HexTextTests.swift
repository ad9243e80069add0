import Testing
import Wire

@Suite("Bytes as hexadecimal digits")
struct HexTextTests {
    @Test("two lower-case digits a byte, the high one first; nothing for nothing")
    func digits() {
        #expect(hexText([UInt8]()) == "")
        #expect(hexText([0x00, 0x0f, 0xa0, 0xff, 0x12]) == "000fa0ff12")
        let all = (UInt8.min...UInt8.max).map { String($0, radix: 16) }
        #expect(hexText(UInt8.min...UInt8.max) == all.map { $0.count == 1 ? "0" + $0 : $0 }.joined())
        #expect(hexDigits([0xab]) == Array("ab".utf8))
    }
}
