import TestSupport
import Testing
import Wire

@Suite("DESIGN.md 5 the standard details of a status")
struct StatusDetailsTests {
    private let full = Status(
        .resourceExhausted, reason: "SOMETHING", english: "too much", chinese: "太多；请稍后再试",
        metadata: [("limit", "3"), ("bytes", "4")], field: "a.b", retryAfter: 1500, notProcessed: true)

    @Test("what is put in is read back, over the line too")
    func roundTrip() throws {
        let body = FrameScript.field(1, encodeStatus(full))
        var status = try body.withUnsafeBytes { try ResponseView(reading: $0).status }
        status.notProcessed = true
        #expect(status == full)
        #expect(status.errorReason == "SOMETHING")
        let info = try #require(status.detail(GoogleRPC.ErrorInfo.self))
        #expect(info.domain == "twolists" && info.metadata["limit"] == "3" && info.metadata["bytes"] == "4")
        let local = try #require(status.detail(GoogleRPC.LocalizedMessage.self))
        #expect(local.locale == "zh-CN" && local.message == "太多；请稍后再试")
        let delay = try #require(status.detail(GoogleRPC.RetryInfo.self)?.retryDelay)
        #expect(delay.seconds == 1 && delay.nanos == 500_000_000)
        let violation = status.detail(GoogleRPC.BadRequest.self)?.fieldViolations.first
        #expect(violation?.field == "a.b" && violation?.reason == "SOMETHING")
    }

    @Test("a reason of another domain is none of ours, broken details are passed by")
    func foreign() {
        let info = GoogleRPC.ErrorInfo(reason: "SOMETHING", domain: "example.org")
        #expect(Status(.aborted, "", details: [StatusDetail(packing: info)]).errorReason == nil)
        let broken = StatusDetail(typeURL: "type.googleapis.com/google.rpc.ErrorInfo", value: [0x0A, 9])
        #expect(Status(.aborted, "", details: [broken]).errorReason == nil)
        #expect(Status.ok.errorReason == nil)
    }

    @Test("RESOURCE_EXHAUSTED with a reason and without RetryInfo lasts")
    func lasting() {
        let size = Status(.resourceExhausted, reason: "X", english: "x", chinese: "过大")
        #expect(size.isLastingLimit && !full.isLastingLimit)
        #expect(!Status(.resourceExhausted, "of an older server").isLastingLimit)
        #expect(!Status(.internal, reason: "X", english: "x", chinese: "出错").isLastingLimit)
    }
}
