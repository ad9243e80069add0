/// libFuzzer's way in: every message type of Wire, and the hand-read bodies of frames, on the same bytes. What it looks for is a
/// trap; a broken rule (a value that does not encode and decode to itself) is made one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let raw = UnsafeRawBufferPointer(start: start, count: count)
    if let request = try? RequestView(reading: raw) { _ = try? request.metadata(limits: ConnectionLimits()) }
    _ = try? ResponseView(reading: raw)
    if let type = decodeEverything([UInt8](raw), as: WireCatalogue.messages) {
        fatalError("\(type) broke a rule")  // bug: the fuzzer is to keep this input
    }
    return 0
}
